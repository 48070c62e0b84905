import type { Clock } from '../../ports/clock.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { PipelineView } from '../../protocol/pipeline-view.ts';
import { interrupted } from './change-pipeline.ts';

const LOOK_EVERY_MS = 200;
/** How long an agent that has come may take to be attested, ms. */
export const ATTESTED_WITHIN_MS = 60_000;

/** Resolves once these agents are attested and hold the group key. @throws ATTESTATION_REFUSED when they are not in time, INTERRUPTED. */
export async function untilAttested(
  view: () => Promise<PipelineView>,
  names: readonly string[],
  clock: Clock,
  signal?: AbortSignal,
): Promise<void> {
  const untilMs = clock.nowMs() + ATTESTED_WITHIN_MS;
  for (;;) {
    const { agents } = await view();
    const open = names.find((name) => {
      const agent = agents.find((each) => each.name === name);
      return agent === undefined || !agent.attested || !agent.keyed;
    });
    if (open === undefined) return;
    if (clock.nowMs() >= untilMs) throw notAttested(open);
    await passed(clock, LOOK_EVERY_MS, signal);
    if (signal?.aborted) throw interrupted();
  }
}

export function notAttested(name: string): MusterError {
  return new MusterError('ATTESTATION_REFUSED', `${name} is not attested`, {
    hint: 'muster agent list says why; muster doctor what this machine lacks',
  });
}

function passed(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      timer.cancel();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = clock.at(clock.nowMs() + ms, end);
    signal?.addEventListener('abort', end);
    if (signal?.aborted) end();
  });
}
