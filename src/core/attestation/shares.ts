/**
 * Shamir's secret sharing over GF(256), byte by byte: whoever has `threshold` shares has the secret, whoever has fewer has nothing.
 * Written here because the library for it is not one that we depend on; the field's multiplication takes the same steps whatever it
 * multiplies, so that its time tells nothing.
 */
export interface Share {
  /** Where the polynomials were evaluated: 1 to 255, another for each holder. */
  readonly x: number;
  /** As long as the secret. */
  readonly bytes: Uint8Array;
}

export interface Sharing {
  readonly threshold: number;
  readonly holders: number;
}

/** What several holders have told together, and who of them told something else than what was shared. */
export interface Recovered {
  readonly secret: Uint8Array;
  /** `x` of shares that are not of the same sharing. */
  readonly wrong: readonly number[];
}

/**
 * Shares for the holders 1 to `holders`. `random` gives that many bytes, of which nobody else may know any. Throws RangeError for a
 * threshold that is not within 1 and the number of holders, or more than 255 of them.
 */
export function splitSecret(
  secret: Uint8Array,
  { threshold, holders }: Sharing,
  random: (bytes: number) => Uint8Array,
): readonly Share[] {
  if (!(threshold >= 1 && threshold <= holders && holders <= 255))
    throw new RangeError(`no sharing: ${threshold} of ${holders}`);
  const coefficients = Array.from({ length: threshold - 1 }, () => random(secret.length));
  return Array.from({ length: holders }, (_, i) => {
    const x = i + 1;
    const bytes = secret.map((constant, at) => {
      let y = 0;
      for (const each of coefficients) y = multiply(y ^ (each[at] ?? 0), x);
      return y ^ constant;
    });
    return { x, bytes };
  });
}

/** The secret, if these are as many right shares as its threshold, each of another holder. Throws RangeError for shares that are none. */
export function combineShares(shares: readonly Share[]): Uint8Array {
  return valueAt(shares, 0);
}

/**
 * The secret from shares of which some may be wrong: tries subsets of `threshold` shares until `isRight` says so, and names those
 * that do not fit it. Undefined: not enough right ones. Tries at most `mostTries` subsets.
 */
export function recoverSecret(
  shares: readonly Share[],
  threshold: number,
  isRight: (secret: Uint8Array) => boolean,
  mostTries = 1000,
): Recovered | undefined {
  let tries = 0;
  for (const subset of candidates(shares, threshold)) {
    if (++tries > mostTries) return undefined;
    if (new Set(subset.map(({ x }) => x)).size < subset.length) continue;
    const secret = combineShares(subset);
    if (!isRight(secret)) continue;
    const wrong = shares.filter(
      ({ x, bytes }) => !valueAt(subset, x).every((byte, at) => byte === bytes[at]),
    );
    return { secret, wrong: wrong.map(({ x }) => x) };
  }
  return undefined;
}

/** Lagrange's interpolation at `at`. */
function valueAt(shares: readonly Share[], at: number): Uint8Array {
  const length = shares[0]?.bytes.length ?? 0;
  const xs = new Set(shares.map(({ x }) => x));
  const sound = shares.every(({ x, bytes }) => x >= 1 && x <= 255 && bytes.length === length);
  if (shares.length === 0 || xs.size < shares.length || !sound) throw new RangeError('these are no shares');
  const value = new Uint8Array(length);
  for (const { x, bytes } of shares) {
    let weight = 1;
    for (const { x: other } of shares) {
      if (other !== x) weight = multiply(weight, multiply(at ^ other, inverse(x ^ other)));
    }
    for (const [i, byte] of bytes.entries()) value[i] = (value[i] ?? 0) ^ multiply(weight, byte);
  }
  return value;
}

/** Shares that stand beside one another first, in a ring: one of these is without the wrong ones where they are few; then all subsets. */
function* candidates(shares: readonly Share[], threshold: number): Generator<readonly Share[]> {
  const ring = [...shares, ...shares];
  if (threshold <= shares.length)
    for (let from = 0; from < shares.length; from++) yield ring.slice(from, from + threshold);
  yield* subsetsOf(shares, threshold);
}

function* subsetsOf<T>(all: readonly T[], size: number): Generator<readonly T[]> {
  if (size === 0) yield [];
  for (let i = 0; size > 0 && i + size <= all.length; i++) {
    for (const rest of subsetsOf(all.slice(i + 1), size - 1)) yield [...all.slice(i, i + 1), ...rest];
  }
}

/** In GF(256) with the polynomial of AES. */
function multiply(a: number, b: number): number {
  let [left, product] = [a, 0];
  for (let bit = 0; bit < 8; bit++) {
    product ^= left & -((b >> bit) & 1);
    left = ((left << 1) ^ (0x11b & -(left >> 7))) & 0xff;
  }
  return product;
}

/** a^254; that of 0 is 0. */
function inverse(a: number): number {
  let [power, result] = [a, 1];
  for (let bit = 1; bit < 8; bit++) {
    power = multiply(power, power);
    result = multiply(result, power);
  }
  return result;
}
