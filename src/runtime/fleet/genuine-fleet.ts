import { rm } from 'node:fs/promises';
import { agentKeyOf } from '../../adapters/keys/hashing.ts';
import type { AgentEvent } from '../../core/bdi/event.ts';
import type { Action } from '../../core/bdi/plan.ts';
import type { DrivenClock } from '../../ports/drive.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { Json } from '../../protocol/journal.ts';
import type { Timing } from '../../protocol/ledger.ts';
import type { Scenario } from '../../protocol/scenario.ts';
import type { CycleInput } from '../agent-host.ts';
import { isCycleInput } from '../agent-host.ts';
import { agentSpecs } from '../build-agent.ts';
import type { AgentImage } from '../genuine/agent-image.ts';
import { Pipeline } from '../genuine/pipeline.ts';
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
}

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
      if (journal.keeps) for (const input of batch.inputs) if (isCycleInput(input)) inputs.push(input);
      counts.set(agent, batch);
    },
    onFault: (fault, subject, reason) => {
      const ended = fault === 'agent-ended' ? specs.find((each) => each.name === subject)?.name : undefined;
      if (ended !== undefined) onEnd(ended);
      journal.record(clock.nowMs(), { kind: 'fault', because: [], fault, subject, reason });
    },
    onBlock: (block) => {
      for (const { event } of block.entries) {
        names.learn(event);
        if (event.kind === 'RoundPassed' && event.incarnation > 1) {
          const agent = specs.find((each) => agentKeyOf(each.name) === event.agent)?.name;
          const life = `${agent} ${event.incarnation}`;
          if (agent !== undefined && !reborn.has(life)) onReborn(agent);
          reborn.add(life);
        }
        if (event.kind === 'Envelope' || event.kind === 'Acknowledged') continue;
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
    onNote: note,
    isWanted: (agent) => !killed.has(agent),
    ...(signal === undefined ? {} : { signal }),
    ...(options.timing === undefined ? {} : { timing: options.timing }),
    ...(options.image === undefined ? {} : { image: options.image }),
  });
  return {
    pipeline,
    specs,
    inputs,
    start: () => pipeline.start(),
    post: (agent, event) => pipeline.send(agent, toSite(agent, event)),
    kill: (agent) => {
      killed.add(agent);
      pipeline.kill(agent, 'the scenario stops it');
    },
    clockSet: () => pipeline.setClock(zeroNs()),
    close: async () => {
      await pipeline.close();
      await rm(dir, { recursive: true, force: true });
    },
    messageCounts: () =>
      specs.map(({ name }) => {
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
