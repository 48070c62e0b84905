import { beforeEach, describe, expect, it } from 'vitest';
import { awardId } from '../../protocol/ids.ts';
import type { Member } from '../trust/testing/attested-group.ts';
import { AttestedGroup } from '../trust/testing/attested-group.ts';
import type { SiteNews } from './live-sites.ts';
import { Platforms } from './platforms.ts';
import { Refusals } from './refusals.ts';
import { RegistryOffice } from './registry-office.ts';
import { commandsAhead, readSiteNews } from './site-news.ts';

let group: AttestedGroup;
let a1: Member;
let taken: string[];
let refused: string[];
let told: [string, unknown][];
let hear: (news: SiteNews) => void;
let commands: ReturnType<typeof commandsAhead>;

beforeEach(async () => {
  group = new AttestedGroup();
  a1 = await group.attest('a1');
  group.tell({ kind: 'AttestedSetChanged', version: 1 });
  group.openEpoch(1);
  [taken, refused, told] = [[], [], []];
  const trust = group.view();
  const [nobody, onNote] = [() => undefined, () => {}];
  const roster = { siteOfKey: nobody };
  const office = { trust, roster, platforms: new Platforms({}), periodS: 20, sites: nobody, onNote };
  const readers = {
    trust,
    refusals: new Refusals({ nowMs: () => 0, onFault: (fault, _, reason) => refused.push(fault, reason) }),
    office: new RegistryOffice(office),
    sites: () => ({
      broadcast: (message: unknown) => told.push(['daemons', message]),
      tellGuards: (message: unknown) => told.push(['guards', message]),
      tellGuard: () => {},
      tellGuardAt: () => {},
      send: () => {},
    }),
    collector: nobody,
    checkpoints: nobody,
    lives: nobody,
    onConnected: () => {},
    onNote,
    onAct: ({ token }: { readonly token: number }) => taken.push(`act ${token}`),
    onAward: (_: string, { award }: { readonly award: string }) => taken.push(`award ${award}`),
    onAbort: (_: string, token: number) => taken.push(`abort ${token}`),
  };
  commands = commandsAhead(readers);
  hear = (news) => readSiteNews({ ...readers, commands }, 'west', news);
});

/** One of each that an agent may ask for, of one incarnation. */
function asked(incarnation: number): readonly SiteNews[] {
  const from = { agent: a1.name, incarnation };
  return [
    { ...from, kind: 'act', token: 1, entry: 1, reason: 'r', action: { kind: 'install-rule' } },
    { ...from, kind: 'award', word: { kind: 'award-given', award: awardId('a1.7'), holder: a1.name } },
    { ...from, kind: 'abort', token: 1 },
  ];
}

const ALL = ['act 1', 'award a1.7', 'abort 1'];

describe('what an agent asks for, on its way from its site', () => {
  it('is carried out while its incarnation is attested', () => {
    for (const each of asked(1)) hear(each);
    expect([taken, refused]).toEqual([ALL, []]);
  });

  it.each(['Suspended', 'Revoked'] as const)('is dropped once the agent is %s, awards among it', (kind) => {
    group.tell({ kind, agent: a1.key, incarnation: 1, reason: 'caught' });
    for (const each of asked(1)) hear(each);
    expect(taken).toEqual([]);
    expect(refused).toHaveLength(2 * ALL.length);
    expect(refused).toContain('dropped: a1 is not attested any more');
  });

  it('is dropped once its guard has ended it, also while the ledger is away; all sites are told', () => {
    hear({ kind: 'exited', agent: a1.name, incarnation: 1, reason: 'its text was written to' });
    for (const each of asked(1)) hear(each);
    expect(taken).toEqual([]);
    const fallen = { kind: 'fallen', agent: a1.name, incarnation: 1 };
    expect(told).toEqual([
      ['daemons', fallen],
      ['guards', fallen],
    ]);
  });

  it('is carried out for an incarnation whose number another one had that never came so far as to be attested', async () => {
    hear({ kind: 'exited', agent: a1.name, incarnation: 2, reason: 'it could not be started' });
    expect(told).toEqual([]);
    for (const each of asked(1)) hear(each);
    expect(taken).toEqual(ALL);
  });

  it('is dropped once another incarnation acts, which gives awards of its own', async () => {
    await group.succeed(a1, 2);
    group.openEpoch(2);
    for (const each of asked(1)) hear(each);
    expect(taken).toEqual([]);
    for (const each of asked(2)) hear(each);
    expect(taken).toEqual(ALL);
  });

  it('waits, in its order, for the block that its site has seen before us', async () => {
    await group.succeed(a1, 2);
    for (const each of asked(2)) hear(each);
    expect([taken, refused]).toEqual([[], []]);
    group.openEpoch(2);
    commands.again();
    expect([taken, refused]).toEqual([ALL, []]);
  });

  it('does not wait once its guard has ended it, or it was thrown out', async () => {
    await group.succeed(a1, 2);
    for (const each of asked(2)) hear(each);
    group.tell({ kind: 'Revoked', agent: a1.key, incarnation: 2, reason: 'caught' });
    commands.again();
    for (const each of asked(2)) hear(each);
    expect(taken).toEqual([]);
    expect(refused).toHaveLength(4 * ALL.length);
  });
});
