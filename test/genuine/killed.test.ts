import { randomInt } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSeededRandom } from '../../src/adapters/random-seeded/seeded-random.ts';
import type { JournalEntry } from '../../src/protocol/journal.ts';
import type { AgentStatus, Status } from '../../src/protocol/up-status.ts';
import { LedgerWitness } from './ledger-witness.ts';
import type { LiveNetwork } from './live-network.ts';
import { allAttested, isAlive, startLiveNetwork } from './live-network.ts';
import { ProcessWatch } from './process-watch.ts';
import { isStubborn, stubbornImage } from './stubborn-image.ts';
import { TrustWatch } from './trust-watch.ts';

/** How often something is killed; `KILLS=20` for the long run. */
const KILLS = Number(process.env['KILLS'] ?? 4);
/** Another each time, and told: the same again draws the same victims. */
const SEED = Number(process.env['SEED'] ?? randomInt(1, 1_000_000));
const BACK_WITHIN_MS = 90_000;
/** Short, so that validity can be seen to run out. */
const TIMING = { commitWithin: 10, verdictWithin: 10, validity: 40, period: 12, stewardWithin: 5 };
/** Whoever is past its time has been cut off then: a daemon looks several times a second, on a machine that is busy. */
const CUT_OFF_WITHIN_S = 3;

function isCutOff(entry: JournalEntry, agent: string): boolean {
  return (
    entry.kind === 'fault' &&
    entry.subject === agent &&
    entry.reason.includes('not attested any more: cut off')
  );
}

/** Whether a SIGTERM that was sent to a process has not come to it yet. */
function awaitsSigterm(pid: number): boolean {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const pending = Number.parseInt(/^ShdPnd:\s+(\w+)/m.exec(status)?.[1]?.slice(-8) ?? '0', 16);
  return (pending & (1 << (constants.signals.SIGTERM - 1))) !== 0;
}

const KINDS = ['ledger', 'guard', 'daemon', 'agent'] as const;

describe('what is killed without notice', () => {
  const random = createSeededRandom(SEED);
  let processes: ProcessWatch;
  let network: LiveNetwork;
  let witness: LedgerWitness;
  let trust: TrustWatch;
  const cleanUps: (() => Promise<void> | void)[] = [];
  const look = (status: Status) => {
    processes.look();
    trust.look(status);
  };
  const ledgerOf = (status: Status) => {
    if (status.ledger === null) throw new Error('there is no ledger');
    return status.ledger;
  };
  const pidOf = (what: string) => network.processes().get(what) ?? 0;

  beforeAll(async () => {
    process.stderr.write(`SEED=${SEED} KILLS=${KILLS}\n`);
    const image = await stubbornImage();
    cleanUps.push(() => rmSync(image.dir, { recursive: true, force: true }));
    processes = new ProcessWatch();
    network = await startLiveNetwork(TIMING, 0, image);
    cleanUps.push(() => network.stop());
    const ledger = ledgerOf(network.status());
    witness = new LedgerWitness({ url: ledger.url, chainId: ledger.pipeline.chainId });
    cleanUps.push(() => witness.stop());
    trust = new TrustWatch(ledger);
    cleanUps.push(() => trust.stop());
    await network.until('the ledger is read', 20_000, ({ agents }) =>
      agents.every((each) => trust.validUntil(each) > 0),
    );
  }, 180_000);
  afterAll(async () => {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
  }, 60_000);

  it('some agents take SIGTERM, and go on', async () => {
    const stubborn = network.status().agents.find(({ pid }) => pid !== null && isStubborn(pid));
    const pid = stubborn?.pid ?? 0;
    expect(pid).toBeGreaterThan(0);
    process.kill(pid, 'SIGTERM');
    await expect.poll(() => awaitsSigterm(pid), { timeout: 10_000 }).toBe(false);
    expect(isAlive(pid)).toBe(true);
  }, 20_000);

  it(
    'comes back: whoever lost its process is attested anew, the ledger is what it was, nobody is trusted past its time or left over',
    async () => {
      for (let kill = 0; kill < KILLS; kill++) {
        const victim = drawVictim();
        // One that is held still ends by itself on nothing at all: only the kernel can end it with its guard.
        const held = victim.kind === 'guard' ? drawFrom(victim.agents).pid : null;
        if (held !== null) process.kill(held, 'SIGSTOP');
        const backMs = await killAndWait(victim);
        const stubborn = victim.agents.filter(({ pid }) => pid !== null && isStubborn(pid));
        process.stderr.write(
          `${victim.what} killed, ${stubborn.length} of ${victim.agents.length} agents of it stubborn: all attested again after ${(backMs / 1000).toFixed(1)} s\n`,
        );
        await expect.poll(() => processes.orphans(), { timeout: 5000 }).toEqual([]);
        expect(trust.wrong).toEqual([]);
        await witness.expectSameHashes();
        const before = witness.acknowledged.length;
        await expect.poll(() => witness.acknowledged.length, { timeout: 10_000 }).toBeGreaterThan(before);
      }
    },
    (KILLS + 1) * (BACK_WITHIN_MS + 10_000),
  );

  it('every daemon cuts its agents off when their time is over, which the ledger is not there to say', async () => {
    const isKeyed = (status: Status) => allAttested(status) && status.agents.every((each) => each.keyed);
    await network.until('all hold the key', BACK_WITHIN_MS, isKeyed);
    const ledger = pidOf('ledger');
    const seen = network.journal.length;
    process.kill(ledger, 'SIGSTOP');
    const stoppedS = Date.now() / 1000;
    // Who was not attested any more when the ledger stopped has nothing to lose.
    const trusted = network.status().agents.filter((each) => each.status === 'attested');
    expect(trusted.length).toBeGreaterThan(0);
    const cutOffAtS = new Map<string, number>();
    const heldUntilS = new Map<string, number>();
    const areCutOff = (status: Status): boolean => {
      processes.look();
      for (const { name, status: held } of status.agents) {
        if (held === 'attested') heldUntilS.set(name, Date.now() / 1000);
        const told = network.journal.slice(seen).some((entry) => isCutOff(entry, name));
        if (told && !cutOffAtS.has(name)) cutOffAtS.set(name, Date.now() / 1000);
      }
      return trusted.every(({ name }) => cutOffAtS.has(name));
    };
    try {
      await network.until('every agent is cut off', (TIMING.validity + 10) * 1000, areCutOff);
    } finally {
      process.kill(ledger, 'SIGCONT');
    }
    // What its last blocks granted, which the daemons may have read and this reader not, can be read by now.
    await network.until('the ledger is read on', 60_000, () => trust.readUpToS > stoppedS + 5);
    for (const each of trusted) {
      const untilS = trust.validUntil(each, stoppedS + 1);
      expect((cutOffAtS.get(each.name) ?? 0) - untilS, each.name).toBeLessThan(CUT_OFF_WITHIN_S);
      expect((heldUntilS.get(each.name) ?? 0) - untilS, each.name).toBeLessThan(1);
    }
  }, 180_000);

  it('leaves no process behind when all is stopped, also of agents that are held still', async () => {
    const { agents } = network.status();
    const running = agents.flatMap(({ pid }) => (pid !== null && isAlive(pid) ? [pid] : []));
    const [held] = running;
    if (held !== undefined) process.kill(held, 'SIGSTOP');
    processes.look();
    cleanUps.push(await witness.keepJournal(pidOf('ledger')));
    await network.stop();
    await expect.poll(() => processes.left(), { timeout: 10_000 }).toEqual([]);
  }, 180_000);

  it('the journal of the ledger replays to the same hashes, with all that was ever acknowledged', async () => {
    await witness.expectReplays();
  }, 600_000);

  interface Victim {
    readonly kind: (typeof KINDS)[number];
    readonly what: string;
    readonly pid: number;
    /** Whose processes end with it. */
    readonly agents: readonly AgentStatus[];
  }

  function drawFrom<T>(all: readonly T[]): T {
    const drawn = all[random.below(all.length)];
    if (drawn === undefined) throw new RangeError('nothing to draw from');
    return drawn;
  }

  function drawVictim(): Victim {
    const kind = drawFrom(KINDS);
    const { agents } = network.status();
    const all = [...network.processes()].sort(([a], [b]) => (a < b ? -1 : 1));
    const isAgent = (name: string) => agents.some((each) => each.name === name);
    const [what, pid] = drawFrom(
      all.filter(([name]) => (kind === 'agent' ? isAgent(name) : name.startsWith(kind))),
    );
    const site = what.replace(/^\S+ /, '');
    const ofSite = kind === 'guard' || kind === 'daemon';
    return {
      kind,
      what,
      pid,
      agents: agents.filter((each) => each.name === what || (ofSite && each.site === site)),
    };
  }

  async function killAndWait({ what, pid, agents }: Victim): Promise<number> {
    const block = ledgerOf(network.status()).block;
    look(network.status());
    process.kill(pid, 'SIGKILL');
    await network.until(`${what} is gone`, 3000, () => !isAlive(pid));
    const backMs = await network.until(`all is well after ${what} was killed`, BACK_WITHIN_MS, (status) => {
      look(status);
      const other = pidOf(what);
      const now = new Map(status.agents.map((each) => [each.name, each.incarnation]));
      const anew = agents.every(({ name, incarnation }) => (now.get(name) ?? 0) > incarnation);
      return other !== 0 && other !== pid && isAlive(other) && anew && allAttested(status);
    });
    expect(ledgerOf(network.status()).block).toBeGreaterThanOrEqual(block);
    return backMs;
  }
});
