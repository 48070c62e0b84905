import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chainOfUnits, ring, unit } from '../../src/core/placement/testing/small-substrate.ts';
import { nodeName } from '../../src/protocol/ids.ts';
import type { LiveSites } from './live-sites.ts';
import { startLiveSites } from './live-sites.ts';
import { patchAndRestore } from './patch-and-restore.ts';

const BACK_WITHIN_MS = 40_000;
const isRoot = process.getuid?.() === 0;
const at = (site: number) => ({ sites: [nodeName(`s${site}`)] });

describe('services placed by genuine agents', () => {
  let sites: LiveSites;
  beforeAll(async () => {
    sites = await startLiveSites(ring());
  }, 180_000);
  afterAll(() => sites.stop(), 30_000);

  const notes: string[] = [];
  const note = (text: string): void => {
    notes.push(text);
  };

  it('are placed, refused with reasons, and count still when the agent that keeps them was killed and is reborn', async () => {
    expect(sites.placing.ready()).toHaveLength(4);
    // 10 vCPUs a host, one host a site.
    const web = chainOfUnits('web', [unit('a', 6, at(1)), unit('b', 6, at(2)), unit('c', 6)], 10);
    const first = await sites.apply(web);
    expect(first.answer).toMatchObject({ ok: true });
    note(
      `attested and keyed after ${(sites.attestedAfterMs / 1000).toFixed(1)} s, placed ${first.tookMs.toFixed(0)} ms after it was asked for`,
    );

    const mail = chainOfUnits('mail', [unit('x', 6, at(1)), unit('y', 6, at(2))], 10);
    const second = await sites.apply(mail);
    expect(second.answer).toMatchObject({
      ok: false,
      error: expect.stringMatching(/h1 has 4 of 6 vCPU|h2 has 4 of 6 vCPU/),
    });

    const pid = sites.pidOf('a-s1');
    process.kill(pid, 'SIGKILL');
    await sites.until('a-s1 is gone', 5000, () => !sites.placing.ready().some((each) => each === 'a-s1'));
    const meanwhile = await sites.apply(chainOfUnits('here', [unit('z', 1, at(1))], 0));
    expect(meanwhile.answer.ok).toBe(false);
    const backMs = await sites.until('a-s1 is back and knows its book', BACK_WITHIN_MS, () =>
      sites.placing.ready().some((each) => each === 'a-s1'),
    );
    note(`a-s1 was back, attested and its book settled, ${backMs.toFixed(0)} ms after it was killed`);
    expect(sites.pidOf('a-s1')).not.toBe(pid);
    expect((await sites.apply({ ...mail, service: 'again' })).answer).toMatchObject({
      ok: false,
      error: expect.stringMatching(/h1 has 4 of 6 vCPU|h2 has 4 of 6 vCPU/),
    });

    expect(await sites.withdraw('web')).toBeUndefined();
    expect((await sites.apply(mail)).answer).toMatchObject({ ok: true });
    expect(await sites.withdraw('mail')).toBeUndefined();
  }, 120_000);

  it('are placed, all of them, when many are asked for at once', async () => {
    const graphs = Array.from({ length: 12 }, (_, index) =>
      chainOfUnits(`many-${index}`, [unit('a', 1), unit('b', 1), unit('c', 1)], 1),
    );
    const all = await Promise.all(graphs.map(sites.apply));
    expect(all.map(({ answer }) => answer.ok)).toEqual(graphs.map(() => true));
    const tookMs = all.map((each) => each.tookMs).sort((a, b) => a - b);
    note(
      `12 asked for at once: placed after ${tookMs[5]?.toFixed(0)} ms (median), the last after ${tookMs[11]?.toFixed(0)} ms`,
    );
    expect(await Promise.all(graphs.map(({ service }) => sites.withdraw(service)))).toEqual(
      graphs.map(() => undefined),
    );
  }, 180_000);

  it.runIf(isRoot)(
    'are placed without the site of an agent that was tampered with, and count there once another is attested',
    async () => {
      const web = chainOfUnits('web', [unit('a', 6, at(2))], 0);
      expect((await sites.apply(web)).answer).toMatchObject({ ok: true });
      patchAndRestore(sites.pidOf('a-s2'));
      const goneMs = await sites.until(
        'a-s2 is gone',
        5000,
        () => !sites.placing.ready().some((each) => each === 'a-s2'),
      );
      const there = await sites.apply(chainOfUnits('there', [unit('a', 1, at(2))], 0));
      expect(there.answer.ok).toBe(false);
      const elsewhere = await sites.apply(chainOfUnits('elsewhere', [unit('a', 1)], 0));
      expect(elsewhere.answer).toMatchObject({ ok: true });
      const backMs = await sites.until('another incarnation knows its book', BACK_WITHIN_MS, () =>
        sites.placing.ready().some((each) => each === 'a-s2'),
      );
      note(
        `nothing was asked of a-s2 from ${goneMs.toFixed(0)} ms after it was tampered with, for ${backMs.toFixed(0)} ms`,
      );
      const revoked = sites.journal.find(
        (entry) => entry.kind === 'ledger' && entry.event === 'Revoked' && entry.subject === 'a-s2',
      );
      expect(revoked?.reason).toMatch(/written to/);
      expect((await sites.apply(chainOfUnits('full', [unit('a', 6, at(2))], 0))).answer).toMatchObject({
        ok: false,
        error: expect.stringMatching(/h2 has 4 of 6 vCPU/),
      });
      for (const service of ['web', 'elsewhere']) expect(await sites.withdraw(service)).toBeUndefined();
    },
    90_000,
  );

  it('are placed by another agent when the one that was asked is killed in the midst of it', async () => {
    const shop = chainOfUnits('shop', [unit('a', 6), unit('b', 6), unit('c', 6)], 10);
    expect((await sites.apply(shop)).answer).toMatchObject({ ok: true });
    expect(await sites.withdraw('shop')).toBeUndefined();
    const asked = sites.placing.orchestratorOf('shop') ?? '';
    const other = sites.pidOf(sites.placing.ready().find((each) => each !== asked) ?? '');
    // A site that does not answer holds the bargaining up for a moment.
    process.kill(other, 'SIGSTOP');
    const answer = sites.apply(shop);
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
    process.kill(sites.pidOf(asked), 'SIGKILL');
    process.kill(other, 'SIGCONT');
    const second = await answer;
    expect(second.answer).toMatchObject({ ok: true });
    expect(sites.placing.orchestratorOf('shop')).not.toBe(asked);
    const faults = sites.journal.flatMap((entry) => (entry.kind === 'fault' ? [entry.fault] : []));
    expect(faults).toContain('wish-lost');
    note(
      `placed by another agent ${second.tookMs.toFixed(0)} ms after it was asked for, the first one having been killed`,
    );
    process.stderr.write(`${notes.join('\n')}\n`);
  }, 120_000);
});
