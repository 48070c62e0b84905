import type { Hex } from '../../protocol/ledger.ts';
import type { Hashing } from './abi-words.ts';
import { encodeWords } from './abi-words.ts';
import { answerHashOf, answerTo } from './challenge.ts';
import type { Share } from './shares.ts';
import { recoverSecret, splitSecret } from './shares.ts';

/** Site daemons that hold shares of one agent's answers: with more, every subset of their shares could not be tried. */
const MOST_SITES = 8;

/** Who holds shares of an agent's answers: holder number i has the share at x = i + 1. */
export interface SharePlan {
  /** Names of sites; the registry is the holder after the last of them. */
  readonly sites: readonly string[];
  /** How many shares make the answer: more than half, and at least two where there are two. */
  readonly threshold: number;
}

/**
 * The sites that hold shares of the answers of an agent at `own`: never its own; those that follow it in the order of names. The registry,
 * which knows the reference value and so every answer, holds one as well: it makes nobody more trusted, and one silent holder of
 * three is then not enough to stop a round. With one site it is the only holder.
 */
export function sharePlanOf(sites: readonly string[], own: string): SharePlan {
  const others = [...new Set(sites)].filter((site) => site !== own).sort();
  const after = others.filter((site) => site > own);
  const chosen = [...after, ...others.filter((site) => site < own)].slice(0, MOST_SITES);
  return { sites: chosen, threshold: Math.floor((chosen.length + 1) / 2) + 1 };
}

/**
 * The shares of the answer to one nonce. They follow from the reference value, so that who has it can give a holder that lost its
 * shares the same ones again, and shares of two times fit together; nobody without it can tell them from random ones.
 */
export function sharesOfAnswer(
  reference: Hex,
  nonce: Hex,
  { sites, threshold }: SharePlan,
  hashing: Hashing,
): readonly Share[] {
  const holders = sites.length + 1;
  let drawn = 0;
  const random = (): Uint8Array => {
    const label = encodeWords(LABEL, nonce, threshold, holders, drawn++);
    return bytesOf(hashing.hmacSha256(reference, label));
  };
  return splitSecret(bytesOf(answerTo(nonce, reference, hashing)), { threshold, holders }, random);
}

/** What shares of an answer amount to: the answer, and the holders (by x) that did not give what they were given. */
export function answerOfShares(
  shares: readonly Share[],
  threshold: number,
  answerHash: Hex,
  hashing: Hashing,
): { readonly answer: Hex; readonly wrong: readonly number[] } | undefined {
  const usable = shares.filter(({ bytes }) => bytes.length === ANSWER_BYTES);
  const recovered = recoverSecret(
    usable,
    threshold,
    (secret) => answerHashOf(hexOf(secret), hashing) === answerHash,
  );
  return recovered && { answer: hexOf(recovered.secret), wrong: recovered.wrong };
}

const ANSWER_BYTES = 32;
/** Keeps these draws apart from whatever else may be made from a reference value. */
const LABEL: Hex = `0x${'73686172652d7631'.padStart(64, '0')}`;

function bytesOf(hex: Hex): Uint8Array {
  return Uint8Array.from({ length: (hex.length - 2) / 2 }, (_, i) =>
    Number.parseInt(hex.slice(2 + 2 * i, 4 + 2 * i), 16),
  );
}

function hexOf(bytes: Uint8Array): Hex {
  return `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
