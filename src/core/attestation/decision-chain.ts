import type { Hex } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import type { Hashing } from './abi-words.ts';
import { encodeWords } from './abi-words.ts';
import { merkleTree } from './merkle.ts';
import type { OutputRegister } from './output-register.ts';
import { EMPTY_REGISTER, isSameRegister } from './output-register.ts';

/** Reasoning cycles of an agent that follow one another, as its chain knows them. */
export interface SegmentHeader {
  /** How many cycles, each one decision. */
  readonly decisions: number;
  /** Hashes of the agent's state before the first and after the last of them. */
  readonly before: Hex;
  readonly after: Hex;
  /** Hash of the text that they can be executed again from. */
  readonly body: Hex;
  /** Over all that the agent has decided to put out, from its birth to the last of them. */
  readonly register: OutputRegister;
}

/** What a head of the chain is the hash of. */
export interface ChainOpening {
  /** The head that was settled before this one; zero: none, the agent begins. */
  readonly previous: Hex;
  /** Merkle root over the headers of the segments since then; zero: there are none. */
  readonly root: Hex;
  readonly segments: number;
  /** Hash of the agent's state after them. */
  readonly state: Hex;
  /** How many decisions the agent has made since its birth, and what it has decided to put out by them. */
  readonly decisions: number;
  readonly register: OutputRegister;
}

/** What a chain goes on from. */
export interface Settled {
  readonly head: Hex;
  readonly decisions: number;
  readonly register: OutputRegister;
}

/** What the chain of an agent goes on from that has decided nothing. */
export const BIRTH: Settled = { head: ZERO, decisions: 0, register: EMPTY_REGISTER };

/** What an agent says about a head beside the segments themselves: few bytes a segment, so all of their headers. */
export interface ChainDisclosure {
  readonly opening: ChainOpening;
  /** Of the head before; undefined: there is none. */
  readonly previousOpening: ChainOpening | undefined;
  readonly headers: readonly SegmentHeader[];
}

export function headOf(opening: ChainOpening, { keccak256 }: Hashing): Hex {
  const { previous, root, segments, state, decisions, register } = opening;
  const { outputs, digest } = register;
  return keccak256(encodeWords(previous, root, segments, state, decisions, outputs, digest));
}

export function openingOf(
  settled: Settled,
  headers: readonly SegmentHeader[],
  state: Hex,
  hashing: Hashing,
): ChainOpening {
  const leaves = headers.map((header, index) => leafOf(index, header, hashing));
  const root = leaves.length === 0 ? ZERO : merkleTree(leaves, hashing).root;
  const decisions = settled.decisions + decisionsOf(headers);
  const register = headers.at(-1)?.register ?? settled.register;
  return { previous: settled.head, root, segments: headers.length, state, decisions, register };
}

/** Hashed twice, so that no inner node of the tree can be taken for a leaf. */
function leafOf(
  index: number,
  { decisions, before, after, body, register }: SegmentHeader,
  { keccak256 }: Hashing,
): Hex {
  const { outputs, digest } = register;
  return keccak256(keccak256(encodeWords(index, decisions, before, after, body, outputs, digest)));
}

/** What a disclosed chain goes on from, by what it says of the head before. */
export function settledBefore({ opening, previousOpening }: ChainDisclosure): Settled {
  return previousOpening === undefined ? BIRTH : { ...previousOpening, head: opening.previous };
}

/** What one segment of a disclosed chain goes on from. */
export function beforeSegment(chain: ChainDisclosure, index: number): Omit<Settled, 'head'> {
  const settled = settledBefore(chain);
  const earlier = chain.headers.slice(0, index);
  const register = earlier.at(-1)?.register ?? settled.register;
  return { decisions: settled.decisions + decisionsOf(earlier), register };
}

/**
 * Why a disclosure is not the one behind a head; undefined: it is. The headers must lead without a gap from the state that the
 * settled head ended with to the one that this head names. `settled`: zero where no head was settled before; `initial`: hash of
 * the state that such an agent begins with.
 */
export function whyNotBehind(
  { head, settled, initial }: { readonly head: Hex; readonly settled: Hex; readonly initial: Hex },
  disclosure: ChainDisclosure,
  hashing: Hashing,
): string | undefined {
  const { opening, previousOpening, headers } = disclosure;
  if (headOf(opening, hashing) !== head) return 'what it discloses is not what it has committed to';
  if (opening.previous !== settled) return 'its chain does not go on from the head that was settled last';
  if (previousOpening !== undefined && headOf(previousOpening, hashing) !== settled)
    return 'what it says of the head before is not what that was';
  if ((previousOpening === undefined) !== (settled === ZERO)) return 'it does not open the head before';
  const found = openingOf(settledBefore(disclosure), headers, opening.state, hashing);
  if (headOf(found, hashing) !== head) return 'its segments are not those of its head';
  let state = previousOpening?.state ?? initial;
  let { register } = settledBefore(disclosure);
  for (const { decisions, before, after, register: next } of headers) {
    const goesOn = next.outputs > register.outputs || isSameRegister(next, register);
    if (decisions < 1 || before !== state || !goesOn) return 'its segments do not follow from one another';
    state = after;
    register = next;
  }
  return state === opening.state ? undefined : 'it does not end in the state that its head names';
}

/** Whoever made the head knew neither: the answer of its round, and the hash of the block that took the commit in. */
export function sampleSeedOf(answer: Hex, block: Hex, { keccak256 }: Hashing): Hex {
  return keccak256(encodeWords(answer, block));
}

/**
 * Draws `draws` decisions, each with the same chance and independent of the others, and answers the segments that they are in, in
 * order. Where a part p of the decisions was altered, one of them is drawn with the probability 1 - (1 - p)^draws.
 */
export function sampledSegments(
  seed: Hex,
  headers: readonly Pick<SegmentHeader, 'decisions'>[],
  draws: number,
  { keccak256 }: Hashing,
): readonly number[] {
  const total = decisionsOf(headers);
  if (total === 0) return [];
  const found = new Set<number>();
  for (let draw = 0; draw < draws; draw++) {
    // 256 bits over at most 2^53: the bias of the remainder is beyond measure.
    let at = Number(BigInt(keccak256(encodeWords(seed, draw))) % BigInt(total));
    const index = headers.findIndex(({ decisions }) => {
      at -= decisions;
      return at < 0;
    });
    found.add(index);
  }
  return [...found].sort((a, b) => a - b);
}

export function decisionsOf(headers: readonly Pick<SegmentHeader, 'decisions'>[]): number {
  return headers.reduce((sum, { decisions }) => sum + decisions, 0);
}
