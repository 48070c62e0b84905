import { nearestName } from '../core/problems/nearest-name.ts';
import { MusterError } from '../protocol/errors.ts';

/** The known name that was meant: itself, or the only one that begins so. Otherwise an error with what could be meant. */
export function knownName(typed: string, known: readonly string[], what: string, list: string): string {
  if (known.includes(typed)) return typed;
  const begun = known.filter((each) => each.startsWith(typed));
  if (begun.length === 1 && begun[0] !== undefined) return begun[0];
  if (begun.length > 1) {
    const shown = begun.slice(0, 8).join(', ');
    throw new MusterError('USAGE', `${typed} could be any of ${begun.length}: ${shown}`, {
      hint: 'give more of its name',
    });
  }
  const near = nearestName(typed, known);
  const meant = near === undefined ? '' : `; did you mean ${near}?`;
  throw new MusterError('USAGE', `there is no ${what} ${typed}${meant}`, { hint: list });
}
