import { beforeEach, describe, expect, it } from 'vitest';
import { fromHex } from '../../adapters/keys/hex.ts';
import type { KemKey } from '../../adapters/keys/kem-key.ts';
import { newKemKey } from '../../adapters/keys/kem-key.ts';
import { seatBeside } from '../../core/attestation/seat.ts';
import type { Hex } from '../../protocol/ledger.ts';
import type { ShareRequest } from '../../protocol/share.ts';
import { sealShares } from '../trust/dealt-shares.ts';
import { openShare } from '../trust/share-request.ts';
import type { TestGuard } from '../trust/testing/share-round.ts';
import { newGuard, PIPELINE, ROUND, roundOf } from '../trust/testing/share-round.ts';
import { ShareKeeper } from './share-keeper.ts';

const SITE = 'east';

interface Given {
  readonly round: number;
  readonly to: Hex;
  readonly sealed: Hex;
}

const NOTHING: Given = { round: 0, to: '0x', sealed: '0x' };

let guard: TestGuard;
let kemKey: KemKey;
let round: ReturnType<typeof roundOf>;
let keeper: ShareKeeper;
let given: Given[];

beforeEach(async () => {
  guard = await newGuard();
  kemKey = await newKemKey();
  round = roundOf(guard.account);
  given = [];
  keeper = new ShareKeeper({
    kemKey,
    site: SITE,
    pipeline: () => PIPELINE,
    state: () => round.trust.state,
    give: (number, to, sealed) => given.push({ round: number, to, sealed }),
  });
});

interface Place {
  readonly site?: string;
  readonly incarnation?: number;
  readonly agent?: Hex;
}

async function dealt(place: Place = {}): Promise<Hex> {
  const nonce = fromHex(round.nonce, 32);
  const [share] = round.shares;
  if (nonce === undefined || share === undefined) throw new Error('there is a share');
  const deal = { pipeline: PIPELINE, site: SITE, agent: round.agent, incarnation: 1, ...place };
  return sealShares(kemKey.publicKey, deal, [share.x, round.plan.threshold, [[nonce, share.bytes]]]);
}

async function ask(request: ShareRequest): Promise<readonly Given[]> {
  const before = given.length;
  await keeper.ask(request);
  return given.slice(before);
}

describe('a holder of shares', () => {
  it('gives one only once it has seen the commit in a final block, and without being asked again', async () => {
    expect(await keeper.keep(round.agent, 1, await dealt())).toBe(true);
    const request = await guard.request();
    expect(await ask(request)).toEqual([]);
    round.opened();
    await keeper.onBlock();
    expect(given).toEqual([]);
    round.committed();
    await keeper.onBlock();
    expect(given).toHaveLength(1);
    const { to, sealed } = given[0] ?? NOTHING;
    expect(to).toBe(guard.account);
    const told = await openShare(PIPELINE, { round: ROUND, guard: guard.account, sealed }, guard.kem);
    expect(told).toEqual({ share: round.shares[0], threshold: 3 });
  });

  it('gives none to another guard, for another round, or to who has not signed for it', async () => {
    await keeper.keep(round.agent, 1, await dealt());
    round.opened();
    round.committed();
    const other = await newGuard();
    const honest = await guard.request();
    for (const refused of [
      await other.request(),
      await guard.request(ROUND + 1),
      { ...(await other.request()), guard: guard.account },
      { ...honest, kemKey: other.kem.publicKey },
      await guard.request(ROUND, '31337:0x01:0x03'),
      { ...honest, signature: `0x${'00'.repeat(65)}` as const },
    ])
      expect(await ask(refused)).toEqual([]);
    expect(await ask(honest)).toHaveLength(1);
  });

  it('seals to the key that the guard has signed for: nobody on the way reads it', async () => {
    await keeper.keep(round.agent, 1, await dealt());
    round.opened();
    round.committed();
    const { sealed } = (await ask(await guard.request()))[0] ?? NOTHING;
    const [x] = round.shares;
    expect(sealed).not.toContain(Buffer.from(x?.bytes ?? []).toString('hex'));
    const other = await newGuard();
    const place = { round: ROUND, guard: guard.account, sealed };
    expect(await openShare(PIPELINE, place, other.kem)).toBeUndefined();
    expect(await openShare(PIPELINE, { ...place, round: ROUND + 1 }, guard.kem)).toBeUndefined();
    expect(await openShare(PIPELINE, place, guard.kem)).toBeDefined();
  });

  it('answers the same request a few times, not without end, and forgets when the round is over', async () => {
    await keeper.keep(round.agent, 1, await dealt());
    round.opened();
    round.committed();
    const request = await guard.request();
    for (let i = 0; i < 8; i++) await ask(request);
    expect(given).toHaveLength(5);
    const late = await newGuard();
    round.over();
    await keeper.onBlock();
    expect(await ask(await guard.request())).toEqual([]);
    expect(await ask(await late.request())).toEqual([]);
  });

  it('gives one to a guard, whatever another one asks for that never comes', async () => {
    await keeper.keep(round.agent, 1, await dealt());
    const other = await newGuard();
    round.enrolled(other.account);
    const early = await guard.request();
    const vain = await other.request();
    for (let n = 0; n < 2000; n++) await ask({ ...vain, round: 1000 + n });
    await ask(early);
    for (let n = 0; n < 2000; n++) await ask({ ...vain, round: 5000 + n });
    round.opened();
    round.committed();
    await keeper.onBlock();
    expect(given.map(({ to }) => to)).toEqual([guard.account]);
    expect(await ask(early)).toHaveLength(1);
  });

  it('answers a guard that has asked for many rounds that never came', async () => {
    await keeper.keep(round.agent, 1, await dealt());
    const request = await guard.request();
    for (let n = 0; n < 2000; n++) await ask({ ...request, round: 1000 + n });
    round.opened();
    round.committed();
    expect(await ask(request)).toHaveLength(1);
  });

  it('gives the shares of a successor for rounds of the member that it has become, and keeps them beside the next one', async () => {
    const agent = seatBeside(round.agent);
    expect(await keeper.keep(agent, 1, await dealt({ agent }))).toBe(true);
    keeper.succeeded({ kind: 'Succeeded', agent: round.agent, seat: agent, incarnation: 1 });
    expect(await keeper.keep(agent, 2, await dealt({ agent, incarnation: 2 }))).toBe(true);
    round.opened();
    round.committed();
    expect(await ask(await guard.request())).toHaveLength(1);
  });

  it('files what was dealt for a successor with the member when the ledger was faster', async () => {
    const agent = seatBeside(round.agent);
    round.opened();
    round.committed();
    expect(await keeper.keep(agent, 1, await dealt({ agent }))).toBe(true);
    expect(await ask(await guard.request())).toHaveLength(1);
  });

  it('takes no shares that are for another site or incarnation, or that are none', async () => {
    expect(await keeper.keep(round.agent, 1, await dealt({ site: 'west' }))).toBe(false);
    expect(await keeper.keep(round.agent, 1, await dealt({ incarnation: 2 }))).toBe(false);
    expect(await keeper.keep(round.agent, 1, '0x00')).toBe(false);
    expect(await keeper.keep(round.agent, 2, await dealt({ incarnation: 2 }))).toBe(true);
    expect(await keeper.keep(round.agent, 1, await dealt())).toBe(false);
  });
});
