import type { Clock } from '../../ports/clock.ts';
import type { Infrastructure, RunningUnit } from '../../ports/infrastructure.ts';
import { StepFailure } from './step-failure.ts';

/**
 * Waits until units run and answer. Answers them; rejects with what became of each as soon as all are settled and some have failed, or
 * when `withinMs` are over.
 */
export async function awaitUnits(
  infrastructure: Infrastructure,
  clock: Clock,
  ids: readonly string[],
  withinMs: number,
  signal: AbortSignal,
): Promise<readonly RunningUnit[]> {
  const seen = new Map<string, RunningUnit>();
  return new Promise((resolve, reject) => {
    const timer = clock.at(clock.nowMs() + withinMs, () => end(() => reject(late())));
    const aborted = () => end(() => reject(new StepFailure('cancelled', 'retry, rollback or fail')));
    const unlisten = infrastructure.onChange((unit) => {
      if (!ids.includes(unit.id)) return;
      seen.set(unit.id, unit);
      look();
    });
    const end = (how: () => void) => {
      timer.cancel();
      unlisten();
      signal.removeEventListener('abort', aborted);
      how();
    };
    const late = () => {
      const waiting = ids.filter((id) => seen.get(id)?.state !== 'running');
      const said = waiting.map((id) => `${id}: ${inWords(seen.get(id))}`).join('; ');
      return new StepFailure(
        `after ${withinMs / 1000} s not all units run: ${said}`,
        'muster service describe says how they are',
      );
    };
    const look = () => {
      const found = ids.flatMap((id) => seen.get(id) ?? []);
      if (found.length < ids.length || found.some(({ state }) => state === 'starting')) return;
      const broken = found.filter(({ state }) => state !== 'running');
      if (broken.length === 0) return end(() => resolve(found));
      const said = broken.map((unit) => `${unit.id}: ${inWords(unit)}`).join('; ');
      end(() =>
        reject(
          new StepFailure(
            `not all units run: ${said}`,
            'while the operation waits, muster service logs SERVICE UNIT shows what they said',
          ),
        ),
      );
    };
    signal.addEventListener('abort', aborted);
    if (signal.aborted) return aborted();
    // What has changed since the order was given, and before anybody listened.
    infrastructure.list().then(
      (all) => {
        for (const unit of all) if (ids.includes(unit.id) && !seen.has(unit.id)) seen.set(unit.id, unit);
        look();
      },
      (error: unknown) => end(() => reject(error)),
    );
  });
}

function inWords(unit: RunningUnit | undefined): string {
  if (unit === undefined) return 'nothing is heard of it';
  return unit.reason === undefined ? unit.state : `${unit.state}, ${unit.reason}`;
}
