import { readFile, rm } from 'node:fs/promises';
import { agentKeyOf } from '../../adapters/keys/hashing.ts';
import type { AgentEvent } from '../../core/bdi/event.ts';
import type { Action } from '../../core/bdi/plan.ts';
import type { DrivenClock } from '../../ports/drive.ts';
import type { AgentId } from '../../protocol/ids.ts';
import { AgentIdSchema } from '../../protocol/ids.ts';
import type { Json } from '../../protocol/journal.ts';
import type { Timing } from '../../protocol/ledger.ts';
import type { Scenario } from '../../protocol/scenario.ts';
import type { CycleInput } from '../agent-host.ts';
import { agentSpecs } from '../build-agent.ts';
import type { AgentImage } from '../genuine/agent-image.ts';
import { JournalAnchor } from '../genuine/journal-anchor.ts';
import { Pipeline } from '../genuine/pipeline.ts';
import type { RunProof } from '../genuine/run-proof.ts';
import { runtimeDir } from '../genuine/runtime-dir.ts';
import { sitesOf } from '../genuine/sites.ts';
import type { JournalWriter, RuntimeDraft } from '../journal-writer.ts';
import { createNames } from '../ledger/names.ts';
import { sentence, subjectOf } from '../ledger/sentences.ts';
import type { AgentFleet, FleetEvents } from './agent-fleet.ts';

export interface GenuineFleetOptions extends FleetEvents {
  readonly scenario: Scenario;
  readonly startMs: number;
  readonly clock: DrivenClock;
  /** Zero of that clock on the machine's monotonic one, ns. */
  zeroNs(): bigint;
  readonly journal: JournalWriter;
  onPhase(text: string): void;
  /** The process of an agent has ended. */
  onEnd(agent: AgentId): void;
  /** A new incarnation has been attested in place of one that had ended: it knows nothing yet. */
  onReborn(agent: AgentId): void;
  /** Deadlines and validity on the ledger, where not the usual ones. */
  readonly timing?: Timing;
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
}

export function createGenuineFleet(options: GenuineFleetOptions): GenuineFleet {
  const { scenario, startMs, clock, zeroNs, journal, onPhase, onAct, onAbort, onEnd, onReborn, signal } =
    options;
  const specs = agentSpecs(scenario);
  const inputs: CycleInput[] = [];
  const counts = new Map<AgentId, Counts>();
  const killed = new Set<AgentId>();
  const names = createNames();
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
    startMs,
    zeroNs,
    onAct: ({ agent, token, entry, reason, action }) =>
      // Parsed by whoever carries it out.
      onAct(agent, { kind: 'act', token, entry, reason, action: action as Action }),
    onAbort,
    onBatch: (agent, batch) => {
      for (const entry of batch.journal) journal.ingest(entry);
      // A run without an end keeps none: nobody replays it.
      if (journal.keeps) inputs.push(...batch.inputs);
      counts.set(agent, batch);
    },
    onFault: (fault, subject, reason) => {
      const ended = fault === 'agent-ended' ? AgentIdSchema.safeParse(subject).data : undefined;
      if (ended !== undefined) onEnd(ended);
      journal.record(clock.nowMs(), { kind: 'fault', because: [], fault, subject, reason });
    },
    onBlock: (block) => {
      for (const { event } of block.entries) {
        names.learn(event);
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
        const reason = sentence(event, names);
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
    onNote: note,
    isWanted: (agent) => !killed.has(agent),
    ...(signal === undefined ? {} : { signal }),
    ...(options.timing === undefined ? {} : { timing: options.timing }),
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
    messageCounts: () =>
      pipeline.specs.map(({ name }) => {
        const { sent, received, roles } = counts.get(name) ?? { sent: 0, received: 0, roles: [] };
        return { agent: name, sent, received, roles };
      }),
  };
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
