import type { Machine } from './protocol-rules.ts';
import { allowed, beginning, take } from './protocol-rules.ts';
import { stateCodes, stepsOf } from './trace-codes.ts';

const MOST_STEPS = 40;

/** A random walk of the product's state machine through what the contracts allow, as numbers; the same seed gives the same walk. */
export function randomTrace(machine: Machine, seed: number): readonly number[] {
  const random = generator(seed);
  const codes: number[] = [];
  let place = beginning(machine);
  for (let count = 0; count < MOST_STEPS; count++) {
    const steps = allowed(machine, place);
    // Revoking ends an agent's story, and the model's operator does it once at most: now and then is enough.
    const going = steps.filter((each) => !isRevocation(each));
    const step = going[Math.floor(random() * going.length)];
    if (step === undefined) break;
    place = take(machine, place, step);
    codes.push(...step, ...stateCodes(place.ledger));
  }
  const last = allowed(machine, place).filter(isRevocation);
  const revocation = last[Math.floor(random() * last.length)];
  if (revocation === undefined) return codes;
  return [...codes, ...revocation, ...stateCodes(take(machine, place, revocation).ledger)];
}

/** What is wrong with a trace of the model; undefined: the product's state machine follows it to its end. */
export function replayTrace(machine: Machine, codes: readonly number[]): string | undefined {
  let place = beginning(machine);
  for (const [index, { events, state }] of stepsOf(codes).entries()) {
    const may = allowed(machine, place).some((each) => each.join() === events.join());
    if (!may) return `step ${index + 1} (${events.join(' ')}) is not one that the contracts allow`;
    place = take(machine, place, events);
    const own = stateCodes(place.ledger);
    if (own.join() !== state.join()) {
      return `step ${index + 1} (${events.join(' ')}) leads to ${own.join(' ')}, in the model to ${state.join(' ')}`;
    }
  }
  return undefined;
}

/** The operator's: it begins with the end of a round or of an agent, where others begin with what somebody did. */
function isRevocation([first = 0]: readonly number[]): boolean {
  return first >= 6000 && first < 8000;
}

/** Mulberry32. */
function generator(seed: number): () => number {
  let at = seed;
  return () => {
    at = (at + 0x6d2b79f5) | 0;
    let mixed = Math.imul(at ^ (at >>> 15), at | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
