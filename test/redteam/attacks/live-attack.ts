import type { Figure, Outcome, Row } from '../row.ts';
import type { Entry, RunningPipeline } from '../support/running-pipeline.ts';
import { eventually } from '../support/wait.ts';

export interface Victim {
  readonly name: string;
  readonly pid: number;
  readonly incarnation: number;
}

/** Something done to one agent that runs, after which its pipeline is watched from outside. */
export interface LiveAttack {
  readonly id: string;
  readonly attack: string;
  readonly attacker: string;
  readonly did: string;
  readonly expected: Outcome;
  /** How soon whoever it is done to has to be excluded. */
  readonly must?: Omit<Figure, 'ms'>;
  /** As of a row. */
  readonly limit?: string;
  /** Answers what has to be stopped after the watch. */
  // biome-ignore lint/suspicious/noConfusingVoidType: most have nothing to stop
  act(victim: Victim): { stop(): void } | void | Promise<{ stop(): void } | void>;
  /** Whether the attacker has got what it wanted; without it, that nothing was noticed means that it has. */
  hasEffect?(victim: Victim): boolean;
  /** The control: the same without the tampering, on an agent of the same pipeline. */
  harmless?(victim: Victim): void;
  readonly harmlessDid?: string;
}

/** Long enough for one look of the guard (1 s) to be late on a busy machine. */
const EXCLUDED_WITHIN_MS = 15_000;
const NEW_KEY_WITHIN_MS = 10_000;

export interface Found {
  readonly outcome: Outcome;
  readonly what: string;
  readonly detectedMs?: number;
  readonly excludedMs?: number;
}

/** Attacks one agent and tells what became of it; `watchMs`: how long nobody has to notice anything. */
export async function attackAgent(
  pipeline: RunningPipeline,
  attack: LiveAttack,
  name: string,
  watchMs: number,
): Promise<Found> {
  const victim = await pipeline.agent(name);
  const seen = pipeline.entries.length;
  const startMs = performance.now();
  const running = await attack.act(victim);
  const since = (): readonly Entry[] => pipeline.entries.slice(seen);
  const detected = await eventually(
    () =>
      since().find(
        ({ kind, fault, subject }) => kind === 'fault' && fault === 'agent-ended' && subject === name,
      ),
    watchMs,
  );
  // The ledger's word on that incarnation, in whichever of the two orders it comes.
  const excluded = await eventually(
    () => since().find(({ event, subject }) => event === 'Revoked' && subject === name),
    detected === undefined ? 0 : EXCLUDED_WITHIN_MS,
  );
  const rekeyed =
    excluded === undefined
      ? undefined
      : await eventually(
          () => since().find(({ event, atMs }) => event === 'EpochOpened' && atMs >= excluded.atMs),
          NEW_KEY_WITHIN_MS,
        );
  const effect = detected === undefined ? (attack.hasEffect?.(victim) ?? true) : true;
  if (running !== undefined) running.stop();
  if (detected === undefined && excluded === undefined) {
    const { pid, incarnation } = await pipeline.agent(name);
    const same = pid === victim.pid && incarnation === victim.incarnation;
    const what = `nothing noticed within ${Math.round(watchMs / 1000)} s; ${same ? 'the agent goes on, attested' : 'but the agent is another one now'}`;
    return { outcome: effect ? 'undetected' : 'prevented', what };
  }
  const said = detected?.reason ?? excluded?.reason ?? '';
  if (excluded === undefined || rekeyed === undefined)
    return { outcome: 'not defended yet', what: `${said}; but the group's key was not changed` };
  const rekeyedMs = rekeyed.atMs - excluded.atMs;
  return {
    outcome: 'detected',
    what: `${said}; the group has a new key ${(rekeyedMs / 1000).toFixed(1)} s after the exclusion`,
    ...(detected === undefined ? {} : { detectedMs: detected.atMs - startMs }),
    excludedMs: excluded.atMs - startMs,
  };
}

/** Whether agents that nobody touched are the same processes as before. */
export async function untouched(pipeline: RunningPipeline, before: readonly Victim[]): Promise<boolean> {
  const { agents } = await pipeline.status();
  return before.every(({ name, pid, incarnation }) =>
    agents.some(
      (each) =>
        each.name === name &&
        each.pid === pid &&
        each.incarnation === incarnation &&
        each.status === 'attested',
    ),
  );
}

export function rowOf(attack: LiveAttack, found: Found): Row {
  const { id, attack: title, attacker, did, expected, must, limit } = attack;
  return {
    ...{ id, attack: title, attacker, did, expected, ...found },
    ...(must === undefined ? {} : { must: { ...must, ms: found.excludedMs } }),
    ...(limit === undefined ? {} : { limit }),
  };
}
