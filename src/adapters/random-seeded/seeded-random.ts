import type { Random } from '../../ports/random.ts';

/** Splitmix32: spreads a seed over the state of the generator. */
function* splitmix(seed: number): Generator<number, never> {
  let state = seed >>> 0;
  for (;;) {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    yield (z ^ (z >>> 15)) >>> 0;
  }
}

/** sfc32 (Doty-Humphrey, PractRand), seeded; the same sequence on every machine. */
export function createSeededRandom(seed: number): Random {
  const mix = splitmix(seed);
  let a = mix.next().value;
  let b = mix.next().value;
  let c = mix.next().value;
  let counter = 1;
  const next32 = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  for (let i = 0; i < 15; i++) next32();
  const random: Random = {
    next: () => next32() / 4_294_967_296,
    below: (bound) => Math.floor((next32() / 4_294_967_296) * bound),
    exponential: (mean) => -mean * Math.log(1 - next32() / 4_294_967_296),
    shuffle: (items) => {
      const copy = [...items];
      for (let i = copy.length - 1; i > 0; i--) {
        const j = random.below(i + 1);
        const [x, y] = [copy[i], copy[j]];
        if (x === undefined || y === undefined) continue;
        copy[i] = y;
        copy[j] = x;
      }
      return copy;
    },
    fork: (name) => createSeededRandom(hash(`${seed}/${name}`)),
  };
  return random;
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
