import { randomBytes } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../adapters/keys/hex.ts';
import { newKemKey } from '../../adapters/keys/kem-key.ts';
import { exactText, parseExact } from '../../core/bdi/exact-text.ts';
import type { DecisionFindings, Disclosure } from '../../protocol/decision-disclosure.ts';
import { DisclosureSchema } from '../../protocol/decision-disclosure.ts';
import type { Hex } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import { disclose, disclosureContext } from './disclose.ts';
import { judgeDisclosure } from './judge-disclosure.ts';
import type { Alter } from './testing/decided.ts';
import { configOf, Decider } from './testing/decided.ts';

const DECISIONS = 40;

async function packedOf(decider: Decider, head: Hex, seed: Hex): Promise<Uint8Array> {
  const kemKey = await newKemKey();
  const parts = await disclose(decider.log, { head, seed, kemKey: kemKey.publicKey }, decider.config.draws);
  const sealed = Buffer.from((parts ?? []).join(''), 'base64');
  const packed = await kemKey.open(new Uint8Array(sealed), disclosureContext(head, seed));
  if (packed === undefined) throw new Error('it opens');
  return packed;
}

/** One round over 40 decisions of an agent, each a segment of its own. `launder`: what it discloses instead of what it has. */
async function judged(
  draws: number,
  seed: Hex,
  alter: Alter,
  launder: (disclosure: Disclosure) => Disclosure = (each) => each,
): Promise<DecisionFindings> {
  const decider = new Decider(configOf(draws), { mostDecisions: 1, alter });
  decider.decideTimes(DECISIONS);
  const head = decider.log.head();
  const packed = await packedOf(decider, head, seed);
  const disclosure = DisclosureSchema.parse(JSON.parse(gunzipSync(packed).toString('utf8')));
  const said = gzipSync(JSON.stringify(launder(disclosure)));
  return judgeDisclosure({ config: decider.config, head, settled: ZERO, seed }, said);
}

const honest: Alter = (effects) => effects;
const silenced = (which: ReadonlySet<number>): Alter => {
  return (effects, decision) => (which.has(decision) ? [] : effects);
};

/** Decisions that it has left undone are claimed to have been carried out, after the commit. */
function laundered(disclosure: Disclosure): Disclosure {
  return {
    ...disclosure,
    texts: disclosure.texts.map(([index, text]): [number, string] => {
      const segment = parseExact(text);
      if (typeof segment !== 'object' || segment === null) return [index, text];
      const cycles = [[10 * (index + 1), [], [{ kind: 'abort', token: 1, reason: 'made up' }]]];
      return [index, exactText({ ...segment, cycles })];
    }),
  };
}

describe('what an agent discloses of its decisions', () => {
  it('is executed again, as far as it was drawn', async () => {
    const findings = await judged(8, toHex(randomBytes(32)), honest);
    expect(findings.reason).toBeUndefined();
    expect(findings.decisions).toBe(DECISIONS);
    expect(findings.executed).toBeGreaterThan(4);
    expect(findings.executed).toBeLessThanOrEqual(8);
  });

  it('names the first decision that is another one', async () => {
    const all = new Set(Array.from({ length: DECISIONS }, (_, i) => i + 1));
    const findings = await judged(2, ZERO, silenced(all));
    expect(findings.reason).toMatch(/^segment \d+ of 40: decision 1 of 1 is not what its program decides$/);
  });

  it('is refused where a drawn decision is withheld, changed after the commit, or the whole is no disclosure', async () => {
    const withheld = await judged(4, ZERO, honest, (all) => ({ ...all, texts: all.texts.slice(1) }));
    expect(withheld.reason).toMatch(/withholds/);
    expect((await judged(4, ZERO, honest, laundered)).reason).toMatch(/not the one that was committed to/);
    const config = configOf(4);
    for (const packed of [
      Uint8Array.of(1, 2, 3),
      gzipSync('{'),
      gzipSync('{"headers":1}'),
      gzipSync('null'),
    ]) {
      const findings = judgeDisclosure({ config, head: ZERO, settled: ZERO, seed: ZERO }, packed);
      expect(findings.reason).toBeDefined();
    }
  });

  it('that unpacks to more than anything honest is not unpacked', () => {
    const bomb = gzipSync(Buffer.alloc(160_000_000));
    const findings = judgeDisclosure({ config: configOf(4), head: ZERO, settled: ZERO, seed: ZERO }, bomb);
    expect(findings.reason).toMatch(/cannot be read/);
  });
});

describe.each([
  { altered: 4, draws: 8 },
  { altered: 2, draws: 16 },
])('$altered of 40 decisions altered, $draws drawn, over 100 runs', ({ altered, draws }) => {
  it('is caught as often as 1 - (1 - p)^k says, whatever its log claims; an honest one never', async () => {
    let caught = 0;
    for (let run = 0; run < 100; run++) {
      const seed: Hex = `0x${run.toString(16).padStart(64, '0')}`;
      // Spread over the round, at another place in each run.
      const which = new Set(
        Array.from({ length: altered }, (_, i) => 1 + ((run + i * (DECISIONS / altered)) % DECISIONS)),
      );
      const findings = await judged(draws, seed, silenced(which));
      if (findings.reason !== undefined) caught++;
      if (run % 10 === 0) expect((await judged(draws, seed, honest)).reason).toBeUndefined();
    }
    const p = 1 - (1 - altered / DECISIONS) ** draws;
    // 99.9 % of a binomial distribution with n = 100 lie within 3.3 standard deviations.
    expect(Math.abs(caught - 100 * p)).toBeLessThanOrEqual(3.3 * Math.sqrt(100 * p * (1 - p)));
  });
});
