import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ZERO } from '../../src/protocol/ledger.ts';
import { buildPrograms } from '../../src/runtime/genuine/build-programs.ts';
import type { Seen, SmallGroup } from './small-group.ts';
import { startSmallGroup } from './small-group.ts';

const SITES = ['north', 'south', 'east', 'west'] as const;
const LIAR = 'west';
const SILENT = 'south';
const AGENTS = Object.fromEntries(SITES.map((site) => [site, site]));
type Of<Kind extends Seen['kind']> = Extract<Seen, { kind: Kind }>;

const folder = mkdtempSync(join(tmpdir(), 'muster-verifiers-'));

/** Words of a guard's program at the places where it is made to lie, and to keep a verdict to itself. */
const PASS = /(?<=kind: "verdict",\s+round: \w+,[^}]*?)\bpass\b(?=,)/;
const SENDING = /(?=const \w+ = await \w+\.call\(\{\s+kind: "verdict")/;

/**
 * Our programs, with a guard that, at the site of that name and as soon as a file is there, says fail about others' agents (`LIAR`), or
 * says nothing about them (`SILENT`) while it goes on to have its own measured.
 */
async function withLiar(files: { readonly lie: string; readonly silence: string }) {
  const programs = await buildPrograms(folder);
  const when = (site: string, file: string): string =>
    `process.argv[2].endsWith('/${site}.sock') && (await import('node:fs')).existsSync(${JSON.stringify(file)})`;
  const silent = changed(
    readFileSync(programs.guard, 'utf8'),
    SENDING,
    `if (${when(SILENT, files.silence)}) continue; `,
  );
  const guard = join(folder, 'liar.mjs');
  writeFileSync(guard, changed(silent, PASS, `pass: pass && !(${when(LIAR, files.lie)})`));
  return { ...programs, guard };
}

function changed(program: string, place: RegExp, words: string): string {
  const parts = program.split(place);
  if (parts.length !== 2) throw new Error(`the guard has ${parts.length - 1} places like ${place}, not one`);
  return parts.join(words);
}

describe('with two verifiers a round', () => {
  let group: SmallGroup;
  const files = { lie: join(folder, 'lie'), silence: join(folder, 'silence') };
  beforeAll(async () => {
    const programs = await withLiar(files);
    group = await startSmallGroup(AGENTS, { programs, verifiersPerRound: 2 });
  }, 180_000);
  afterAll(async () => {
    await group?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 180_000);

  const ofKind = <Kind extends Seen['kind']>(kind: Kind, from = 0) =>
    group.events.slice(from).filter((each): each is Of<Kind> => each.kind === kind);
  const verdictsOf = (round: number) => ofKind('VerdictGiven').filter((each) => each.round === round);

  it('two peers behind different guards vouch for each agent, neither of them its own', async () => {
    await group.until('every agent has been passed by peers', 60_000, () =>
      SITES.every((name) =>
        ofKind('RoundPassed').some((each) => each.agent === group.keyOf(name) && each.verifier !== ZERO),
      )
        ? true
        : undefined,
    );
    const { state } = group.pipeline.trust;
    const mutual = ofKind('RoundPassed').filter((each) => each.verifier !== ZERO);
    for (const { round, agent } of mutual) {
      const verdicts = verdictsOf(round);
      expect(verdicts.map((each) => each.pass)).toEqual([true, true]);
      const guards = [agent, ...verdicts.map((each) => each.verifier)].map(
        (key) => state.agents.get(key)?.guard,
      );
      expect(new Set(guards).size).toBe(3);
    }
    expect(group.faults).toEqual([]);
  }, 180_000);

  it('one that lies fail does not throw anybody out: the registry looks again, and the liar is suspended', async () => {
    const from = group.events.length;
    writeFileSync(files.lie, '');
    const arbitrated = await group.until(
      'a round goes to the registry',
      60_000,
      () => ofKind('Arbitration', from)[0],
    );
    const { round } = arbitrated;
    const passed = await group.until('the registry has decided', 20_000, () =>
      ofKind('RoundPassed', from).find((each) => each.round === round),
    );
    expect(passed.verifier).toBe(ZERO);
    const liar = group.keyOf(LIAR);
    expect(verdictsOf(round).map((each) => [each.verifier === liar, each.pass])).toEqual(
      expect.arrayContaining([
        [true, false],
        [false, true],
      ]),
    );
    const suspended = await group.until('the liar is suspended', 5000, () =>
      ofKind('Suspended', from).find((each) => each.agent === liar),
    );
    expect(suspended.reason).toContain('contradicted');
    rmSync(files.lie);
    expect(ofKind('Revoked', from)).toEqual([]);
    const others = SITES.filter((site) => site !== LIAR);
    for (const name of others) expect(group.pipeline.trust.attested(group.keyOf(name))).toBeDefined();
    // It is trusted again once it has passed a round itself.
    await group.until('the liar is attested again', 30_000, () =>
      ofKind('RoundPassed', from).find((each) => each.agent === liar && each.block > suspended.block),
    );
  }, 120_000);

  it('one that is silent is replaced by the next in the draw, and the round still passes', async () => {
    const from = group.events.length;
    const silent = group.keyOf(SILENT);
    writeFileSync(files.silence, '');
    const replaced = await group.until('its place is taken', 60_000, () =>
      ofKind('VerifierReplaced', from).find((each) => each.silent === silent),
    );
    const passed = await group.until('the round has passed', 20_000, () =>
      ofKind('RoundPassed', from).find((each) => each.round === replaced.round),
    );
    expect(passed.verifier).not.toBe(ZERO);
    const verdicts = verdictsOf(replaced.round);
    expect(verdicts.map((each) => each.pass)).toEqual([true, true]);
    expect(verdicts.map((each) => each.verifier)).toContain(replaced.successor);
    expect(verdicts.map((each) => each.verifier)).not.toContain(silent);
  }, 120_000);
});
