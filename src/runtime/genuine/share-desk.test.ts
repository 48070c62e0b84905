import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Hex } from '../../protocol/ledger.ts';
import type { ShareRequest } from '../../protocol/share.ts';
import { openShare } from '../trust/share-request.ts';
import type { TestGuard } from '../trust/testing/share-round.ts';
import { newGuard, PIPELINE, ROUND, roundOf } from '../trust/testing/share-round.ts';
import { ShareDesk } from './share-desk.ts';

let guard: TestGuard;
let round: ReturnType<typeof roundOf>;
let desk: ShareDesk;
let passed: ShareRequest[];
let toJudge: readonly (readonly [Hex, number])[];
let given: { readonly guard: Hex; readonly holder: string; readonly sealed: Hex }[];

beforeEach(async () => {
  guard = await newGuard();
  round = roundOf(guard.account);
  passed = [];
  given = [];
  toJudge = [];
  const share = round.shares.at(-1);
  if (share === undefined) throw new Error('the registry holds the last');
  desk = new ShareDesk({
    trust: round.trust,
    pipeline: () => PIPELINE,
    shareOf: async () => ({ share, threshold: round.plan.threshold }),
    accountOf: (site) => (site === 'west' ? guard.account : undefined),
    pass: (request) => passed.push(request),
    onJudge: (...told) => {
      toJudge = [...toJudge, told];
    },
    give: (to, _round, holder, sealed) => given.push({ guard: to, holder, sealed }),
  });
});

describe('where guards ask for shares', () => {
  it('passes requests on at once, and gives the share of the registry once the commit is final', async () => {
    const request = await guard.request();
    desk.ask('west', request);
    round.opened();
    desk.serve();
    expect(passed).toEqual([request]);
    expect(toJudge).toEqual([]);
    round.committed();
    desk.serve();
    await vi.waitFor(() => expect(given).toHaveLength(1));
    const [{ sealed } = { sealed: '0x' as Hex }] = given;
    const told = await openShare(PIPELINE, { round: ROUND, guard: guard.account, sealed }, guard.kem);
    expect(told?.share).toEqual(round.shares.at(-1));
    expect(given).toMatchObject([{ guard: guard.account, holder: 'the registry' }]);
    expect(toJudge).toEqual([[guard.account, ROUND]]);
    // Asked once, given once.
    desk.serve();
    expect(given).toHaveLength(1);
  });

  it('gives it whatever else was asked for that never comes', async () => {
    const request = await guard.request();
    for (let n = 0; n < 2000; n++) desk.ask('west', { ...request, round: 1000 + n });
    round.opened();
    round.committed();
    desk.ask('west', request);
    await vi.waitFor(() => expect(given).toHaveLength(1));
  });

  it('takes no request from another site than that of the guard', async () => {
    round.opened();
    round.committed();
    desk.ask('east', await guard.request());
    const other = await newGuard();
    desk.ask('west', await other.request());
    expect(passed).toEqual([]);
  });
});
