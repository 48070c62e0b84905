import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRealClock } from '../../src/adapters/clock-real/real-clock.ts';
import type { LinuxInfrastructure } from '../../src/adapters/infrastructure-linux/linux-infrastructure.ts';
import { createPortPlane } from '../../src/adapters/infrastructure-linux/port-plane.ts';
import type { VirtualLinkPlane } from '../../src/ports/virtual-link-plane.ts';
import { ipv4, LinkIdSchema } from '../../src/protocol/ids.ts';
import { PlaneCommandSchema, type PlaneQuery, type PlaneReading } from '../../src/protocol/plane.ts';
import { chainThrough, orderOf, probe, SERVER, sitesOfTest, startAll } from './support/local-sites.ts';

// The ports of units as links: what is read at them, limited and blocked, on real packets.

const sites = sitesOfTest('ports');
const CLIENT = '10.20.0.2';
const WEB = LinkIdSchema.parse('demo/data>web');
const MIDDLE = LinkIdSchema.parse('demo/data>middle');
const TARGET = ipv4(SERVER);
const clock = createRealClock({ startAtMs: 0 });
let infrastructure: LinuxInfrastructure;
let plane: VirtualLinkPlane;

const port = (unit: string) => ({
  link: LinkIdSchema.parse(`demo/data>${unit}`),
  unit,
  interface: 'eth0',
});

beforeAll(async () => {
  infrastructure = await sites.open();
  plane = createPortPlane(infrastructure, clock);
  await startAll(infrastructure, [
    orderOf('client', 'client', { host: 'host-a', address: CLIENT }),
    orderOf('middle', 'forwarder', { host: 'host-b' }),
    orderOf('web', 'web-server', { host: 'host-c', address: SERVER }),
  ]);
  await infrastructure.setChain(chainThrough(['middle', 'web']));
  expect(await plane.guard([port('middle'), port('web'), port('nobody')])).toEqual([MIDDLE, WEB]);
});
afterAll(async () => {
  await plane?.close();
  await infrastructure?.destroy();
  clock.close();
  expect(sites.left()).toEqual([]);
  sites.forget();
});

const asked = () => probe(infrastructure, '');
const read = (query: PlaneQuery) =>
  new Promise<PlaneReading>((resolve, reject) =>
    plane.measure(query, (outcome) =>
      outcome.ok ? resolve(outcome.value) : reject(new Error(outcome.error)),
    ),
  );
const command = (what: object) =>
  new Promise<void>((resolve, reject) =>
    plane.execute(PlaneCommandSchema.parse(what), (outcome) =>
      outcome.ok ? resolve() : reject(new Error(outcome.error)),
    ),
  );
const mark = { award: 'a1.1', owner: 'a2', link: WEB };

const entriesOf = async (query: PlaneQuery) => {
  const reading = await read(query);
  return 'entries' in reading ? reading.entries : [];
};

describe('the port of a unit', () => {
  test('counts bytes and packets of what goes there, and who begins and finishes handshakes with the unit', async () => {
    for (let n = 0; n < 5; n++) expect(await asked()).toMatch(/^answered/);
    for (const link of [WEB, MIDDLE]) {
      const load = await read({ kind: 'link-load', link });
      if (load.kind !== 'link-load') throw new Error(load.kind);
      // Five times a handshake, a request and what acknowledges the answer.
      expect(load.offeredBytes).toBeGreaterThan(5 * 300);
      expect(load.deliveredPackets).toBeGreaterThan(5 * 4);
      expect(load.droppedPackets).toBe(0);
    }
    const handshakes = { syns: 5, synAcks: 5, confirmed: 5, halfOpen: 0 };
    expect(await entriesOf({ kind: 'destinations', link: WEB })).toEqual([
      expect.objectContaining({ target: SERVER, ...handshakes }),
    ]);
    expect(await entriesOf({ kind: 'sources', link: WEB, target: TARGET })).toEqual([
      expect.objectContaining({ source: CLIENT, ...handshakes }),
    ]);
    expect(await read({ kind: 'confirmed', link: WEB })).toMatchObject({ sources: [CLIENT] });
  });

  test('of a function that passes packets on tells of its own address alone', async () => {
    const [own, ...others] = await entriesOf({ kind: 'destinations', link: MIDDLE });
    expect(own).toMatchObject({ syns: 0, synAcks: 0, confirmed: 0 });
    expect(own).not.toMatchObject({ target: SERVER });
    expect(others).toEqual([]);
    expect(await read({ kind: 'confirmed', link: MIDDLE })).toMatchObject({ sources: [] });
  });

  test('blocks a source and lets it through again, and no other port does', async () => {
    const rule = { ...mark, rule: 'block:web' };
    await command({ ...rule, kind: 'block-source', source: CLIENT, ttlMs: 60_000 });
    expect(await asked()).toMatch(/no answer|timed out|ETIMEDOUT/);
    const before = await entriesOf({ kind: 'sources', link: WEB, target: TARGET });
    expect(before).toEqual([expect.objectContaining({ source: CLIENT, synAcks: 5 })]);
    expect(await entriesOf({ kind: 'rules' })).toEqual([
      expect.objectContaining({ rule: 'block:web', link: WEB }),
    ]);
    await command({ kind: 'remove-rule', rule: 'block:web' });
    expect(await asked()).toMatch(/^answered/);
    await command({ ...rule, link: MIDDLE, kind: 'block-source', source: SERVER, ttlMs: 60_000 });
    // Answers take the way back through it.
    expect(await asked()).not.toMatch(/^answered/);
    await command({ kind: 'remove-rule', rule: 'block:web' });
    expect(await asked()).toMatch(/^answered/);
  });

  test('holds what goes to the unit to a rate', async () => {
    const load = async () => {
      const reading = await read({ kind: 'link-load', link: WEB });
      if (reading.kind !== 'link-load') throw new Error(reading.kind);
      return reading;
    };
    const poured = async () => {
      const before = await load();
      const script = `for n in {1..300}; do printf '%01000d' 0 >/dev/udp/${SERVER}/9; done`;
      await infrastructure.exec('client', ['bash', '-c', script], 10_000);
      const after = await load();
      expect(after.offeredBytes - before.offeredBytes).toBeGreaterThan(300_000);
      return after.deliveredBytes - before.deliveredBytes;
    };
    expect(await poured()).toBeGreaterThan(300_000);
    await command({
      ...mark,
      rule: 'limit:web',
      kind: 'limit-target',
      target: SERVER,
      rateBytesPerSec: 30_000,
    });
    // What is queued, and what a second or two let through.
    expect(await poured()).toBeLessThan(150_000);
    expect((await load()).droppedPackets).toBeGreaterThan(100);
    await command({ kind: 'remove-rule', rule: 'limit:web' });
  });

  test('is free of everything once it is not guarded, also when its guard had been killed', async () => {
    await command({ ...mark, rule: 'block:web', kind: 'block-source', source: CLIENT, ttlMs: 600_000 });
    expect(await asked()).not.toMatch(/^answered/);
    // Another one begins where nobody has cleaned up.
    const next = createPortPlane(infrastructure, clock);
    expect(await next.guard([])).toEqual([]);
    expect(await asked()).toMatch(/^answered/);
    expect(await next.guard([port('web')])).toEqual([WEB]);
    expect(await asked()).toMatch(/^answered/);
    await next.close();
    expect(await asked()).toMatch(/^answered/);
  });
});
