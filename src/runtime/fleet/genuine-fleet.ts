import { readFile, rm } from 'node:fs/promises';
import { agentKeyOf } from '../../adapters/keys/hashing.ts';
import type { AgentEvent } from '../../core/bdi/event.ts';
import type { Action } from '../../core/bdi/plan.ts';
import { createNames } from '../../core/ledger/names.ts';
import { sentence, subjectOf } from '../../core/ledger/sentences.ts';
import type { DrivenClock } from '../../ports/drive.ts';
import type { AgentId } from '../../protocol/ids.ts';
import { AgentIdSchema } from '../../protocol/ids.ts';
import type { Json } from '../../protocol/journal.ts';
import type { Hex, Timing } from '../../protocol/ledger.ts';
import type { Placing } from '../../protocol/placing.ts';
import type { Scenario } from '../../protocol/scenario.ts';
import type { AwardWord, Vitals } from '../../protocol/site-link.ts';
import type { CycleInput } from '../agent-host.ts';
import { agentSpecs } from '../build-agent.ts';
import type { AgentImage } from '../genuine/agent-image.ts';
import { JournalAnchor } from '../genuine/journal-anchor.ts';
import { Pipeline } from '../genuine/pipeline.ts';
import type { Strictness } from '../genuine/pipeline-options.ts';
import type { RunProof } from '../genuine/run-proof.ts';
import { runtimeDir } from '../genuine/runtime-dir.ts';
import { localSockets } from '../genuine/site-network.ts';
import { sitesOf } from '../genuine/sites.ts';
import type { JournalWriter, RuntimeDraft } from '../journal-writer.ts';
import type { AgentFleet, FleetEvents } from './agent-fleet.ts';
import { Appraisals } from './appraisals.ts';

export interface GenuineFleetOptions extends FleetEvents {
  readonly scenario: Scenario;
  readonly startMs: number;
  readonly clock: DrivenClock;
  /** Zero of that clock on the machine's monotonic one, ns. */
  zeroNs(): bigint;
  readonly journal: JournalWriter;
  /** `linux`: the daemons of sites are joined by a VXLAN of their own; in the twin by local sockets. */
  readonly plane: 'twin' | 'linux';
  onPhase(text: string): void;
  /** What the giver of an award says of it. */
  onAward(agent: AgentId, word: AwardWord): void;
  /** See `PipelineOptions`. */
  onPulse?(site: string, silentMs: number | undefined): void;
  /** The process of an agent has ended. */
  onEnd(agent: AgentId): void;
  /** A new incarnation has been attested in place of one that had ended: it knows nothing yet. */
  onReborn(agent: AgentId): void;
  /** Some of its agents keep the books of sites and place services. */
  readonly placing?: Placing;
  /** Deadlines and validity on the ledger, where not the usual ones. */
  readonly timing?: Timing;
  readonly strictness?: Strictness;
  /** How often each agent is reborn, ms; 0: never; absent: every ten minutes. */
  readonly rebirthEveryMs?: number;
  /** What agents are started from; absent: the agent process of this checkout. */
  readonly image?: AgentImage;
  readonly signal?: AbortSignal;
}

/** Each agent in a process of its own that its peers have attested on a ledger. */
export interface GenuineFleet extends AgentFleet {
  readonly pipeline: Pipeline;
  readonly anchor: JournalAnchor;
  /** Once it is closed, of a run that is kept and came to its end; what of it could not be had is told as a fault. */
  readonly proof: RunProof | undefined;
  /** What a verdict rests on, by the hash that it carries; see `Appraisals`. */
  appraisalOf(hash: Hex): string | undefined;
  /** What each has said last of how it fares. */
  vitalsOf(
    agent: AgentId,
  ): { readonly refusedFrames: number; readonly vitals?: Vitals | undefined } | undefined;
}

/** Entries that stay provable where a run has no end. */
const KEPT_ENTRIES = 20_000;
/** For the last entries to be anchored, and for the block that has them to be co-signed. */
const ANCHOR_WITHIN_MS = 8000;
const COSIGN_WITHIN_MS = 5000;

interface Counts {
  readonly sent: number;
  readonly received: number;
  readonly roles: readonly string[];
  readonly refusedFrames: number;
  readonly vitals?: Vitals | undefined;
}

export function createGenuineFleet(options: GenuineFleetOptions): GenuineFleet {
  const { scenario, startMs, clock, zeroNs, journal, onPhase, onAct, onAbort, onEnd, onReborn, signal } =
    options;
  const specs = agentSpecs(scenario);
  const inputs: CycleInput[] = [];
  const counts = new Map<AgentId, Counts>();
  const killed = new Set<AgentId>();
  const names = createNames();
  const appraisals = new Appraisals();
  const reborn = new Set<string>();
  const dir = runtimeDir();
  const note = (text: string): void => {
    if (process.env['MUSTER_DEBUG'] !== undefined) process.stderr.write(`${text}\n`);
  };
  const pipeline = new Pipeline({
    specs,
    siteOf: sitesOf(scenario, specs),
    scenario,
    dir,
    openNetwork: async (sites, directory) => {
      if (options.plane === 'twin') return localSockets(directory, 'the data plane is the twin');
      const { vxlanNetwork } = await import('../genuine/vxlan-network.ts');
      return vxlanNetwork(sites, directory);
    },
    startMs,
    zeroNs,
    onAct: ({ agent, token, entry, reason, action }) =>
      // Parsed by whoever carries it out.
      onAct(agent, { kind: 'act', token, entry, reason, action: action as Action }),
    onAbort,
    onAward: options.onAward,
    onBatch: (agent, batch) => {
      for (const entry of batch.journal) journal.ingest(entry);
      // A run without an end keeps none: nobody replays it. What comes after the end has no entries there either.
      if (journal.keeps && journal.isOpen) inputs.push(...batch.inputs);
      counts.set(agent, batch);
    },
    onFault: (fault, subject, reason) => {
      const ended = fault === 'agent-ended' ? AgentIdSchema.safeParse(subject).data : undefined;
      if (ended !== undefined) onEnd(ended);
      journal.record(clock.nowMs(), { kind: 'fault', because: [], fault, subject, reason });
    },
    onPulse: (site, silentMs) => options.onPulse?.(site, silentMs),
    onBlock: (block) => {
      for (const { event } of block.entries) {
        names.learn(event);
        // It waits for its daemon to take it in: until then who was before it acts.
        if (event.kind === 'Succeeded') reborn.add(`${names.agent(event.agent)} ${event.incarnation}`);
        // One that has come while the others ran knows nothing yet either.
        if (event.kind === 'RoundPassed' && (event.incarnation > 1 || pipeline.regrouping !== undefined)) {
          const agent = pipeline.specs.find((each) => agentKeyOf(each.name) === event.agent)?.name;
          const life = `${agent} ${event.incarnation}`;
          const isNew = event.incarnation > 1 || !specs.some((each) => each.name === agent);
          if (agent !== undefined && isNew && !reborn.has(life)) onReborn(agent);
          reborn.add(life);
        }
        // An anchor told in the journal would have to be anchored in its turn.
        if (event.kind === 'Envelope' || event.kind === 'Acknowledged' || event.kind === 'Anchored') continue;
        const key = subjectOf(event);
        const subject = key === undefined ? 'pipeline' : names.agent(key);
        const reason = sentence(event, names) + appraisals.sentenceFor(event);
        const { number } = block;
        const entry: RuntimeDraft = {
          kind: 'ledger',
          because: [],
          event: event.kind,
          subject,
          block: number,
          reason,
        };
        journal.record(clock.nowMs(), entry);
      }
    },
    onPhase,
    onStep: ({ step, durationMs, text }) => {
      const phase = `${step}: ${text}`;
      journal.record(clock.nowMs(), { kind: 'phase', because: [], phase, step, durationMs, reason: phase });
    },
    onUpgrade: (text, durationMs) => {
      const phase = `upgrade: ${text}`;
      journal.record(clock.nowMs(), { kind: 'phase', because: [], phase, durationMs, reason: phase });
    },
    onAppraisal: (text) => appraisals.take(text),
    onNote: note,
    isWanted: (agent) => !killed.has(agent),
    ...(signal === undefined ? {} : { signal }),
    onTakeover: (agent) => {
      onEnd(agent);
      onReborn(agent);
    },
    onReborn: ({ agent, incarnation, attestedAfterMs, tookOverAfterMs, gapMs }) => {
      const reason = `incarnation ${incarnation} has taken over: attested after ${seconds(attestedAfterMs)}, in its place after ${seconds(tookOverAfterMs)}, and for ${Math.round(gapMs)} ms in between neither acted`;
      journal.record(clock.nowMs(), {
        kind: 'fault',
        because: [],
        fault: 'agent-reborn',
        subject: agent,
        reason,
      });
    },
    ...(options.rebirthEveryMs === undefined ? {} : { rebirthEveryMs: options.rebirthEveryMs }),
    ...(options.timing === undefined ? {} : { timing: options.timing }),
    ...(options.placing === undefined ? {} : { placing: options.placing }),
    ...options.strictness,
    ...(options.image === undefined ? {} : { image: options.image }),
  });
  const anchor = new JournalAnchor({
    anchor: (root, count) => pipeline.anchor(root, count),
    onFault: (fault, subject, reason) =>
      journal.record(clock.nowMs(), { kind: 'fault', because: [], fault, subject, reason }),
    ...(journal.keeps ? {} : { kept: KEPT_ENTRIES }),
  });
  journal.listen((entry) => anchor.add(entry));
  let proof: RunProof | undefined;
  let started = false;
  /** The last entries are anchored, and co-signed while there still are agents. */
  const prove = async (): Promise<Omit<RunProof, 'ledgerJournal'> | undefined> => {
    const { address, checkpoints } = pipeline;
    if (!journal.keeps || address === undefined || checkpoints === undefined || signal?.aborted)
      return undefined;
    await pipeline.settled();
    journal.seal();
    const last = await anchor.finish(ANCHOR_WITHIN_MS);
    if (last !== undefined) await checkpoints.upTo(last, COSIGN_WITHIN_MS);
    const { latest: checkpoint } = checkpoints;
    return { pipeline: address, checkpoint, batches: anchor.batches };
  };
  return {
    pipeline,
    anchor,
    get proof() {
      return proof;
    },
    get specs() {
      return pipeline.specs;
    },
    inputs,
    start: async () => {
      await pipeline.start();
      started = true;
      anchor.start();
    },
    post: (agent, event) => {
      // It may have a moment left to live: what it hears then must make no difference.
      if (!killed.has(agent)) pipeline.send(agent, toSite(agent, event));
    },
    kill: (agent) => {
      killed.add(agent);
      pipeline.kill(agent, 'the scenario stops it');
    },
    clockSet: () => pipeline.setClock(zeroNs()),
    close: async () => {
      anchor.stop();
      const proven = started ? await prove() : undefined;
      await pipeline.close();
      const ledgerJournal = proven && (await readFile(pipeline.ledgerJournal).catch(() => undefined));
      if (proven !== undefined && ledgerJournal !== undefined) proof = { ...proven, ledgerJournal };
      await rm(dir, { recursive: true, force: true });
    },
    appraisalOf: (hash) => appraisals.textOf(hash),
    vitalsOf: (agent) => counts.get(agent),
    messageCounts: () =>
      pipeline.specs.map(({ name }) => {
        const { sent, received, roles } = counts.get(name) ?? { sent: 0, received: 0, roles: [] };
        return { agent: name, sent, received, roles };
      }),
  };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function toSite(agent: AgentId, event: AgentEvent) {
  switch (event.kind) {
    case 'percept': {
      const { topic, subject, value } = event;
      // What the data plane measures is plain JSON; the daemon's schema checks it.
      return { kind: 'percept', agent, topic, subject, value: value as Json } as const;
    }
    case 'goal': {
      const { goal, args, from } = event;
      return { kind: 'goal', agent, goal, args, from } as const;
    }
    case 'result':
      return { kind: 'result', agent, token: event.token, outcome: event.outcome } as const;
    default:
      throw new Error(`${event.kind} is not given to agents from outside`);
  }
}
