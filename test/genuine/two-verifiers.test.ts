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
const AGENTS = Object.fromEntries(SITES.map((site) => [site, site]));
type Of<Kind extends Seen['kind']> = Extract<Seen, { kind: Kind }>;

const folder = mkdtempSync(join(tmpdir(), 'muster-verifiers-'));

/** Our programs, with a guard that says fail about others' agents as soon as a file is there, at the site of that name. */
async function withLiar(switchedOn: string) {
  const programs = await buildPrograms(folder);
  const honest = readFileSync(programs.guard, 'utf8').split(
    /(?<=kind: "verdict",\s+round: \w+,[^}]*?)\bpass\b(?=,)/,
  );
  if (honest.length !== 2) throw new Error('the guard gives its verdict in another place');
  const lie = `pass: pass && !(process.argv[2].endsWith('/${LIAR}.sock') && (await import('node:fs')).existsSync(${JSON.stringify(switchedOn)}))`;
  const guard = join(folder, 'liar.mjs');
  writeFileSync(guard, honest.join(lie));
  return { ...programs, guard };
}

describe('with two verifiers a round', () => {
  let group: SmallGroup;
  const switchedOn = join(folder, 'lie');
  const stopped: number[] = [];
  beforeAll(async () => {
    const programs = await withLiar(switchedOn);
    group = await startSmallGroup(AGENTS, { programs, verifiersPerRound: 2 });
  }, 90_000);
  afterAll(async () => {
    for (const pid of stopped) process.kill(pid, 'SIGCONT');
    await group?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

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
  }, 90_000);

  it('one that lies fail does not throw anybody out: the registry looks again, and the liar is suspended', async () => {
    const from = group.events.length;
    writeFileSync(switchedOn, '');
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
    rmSync(switchedOn);
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
    const silent = group.keyOf('south');
    const pid = group.pipeline.processes().get('guard south') ?? 0;
    process.kill(pid, 'SIGSTOP');
    stopped.push(pid);
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
