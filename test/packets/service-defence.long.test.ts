import { existsSync, readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { instanceOf } from '../../src/adapters/infrastructure-linux/names.ts';
import { type JournalEntry, JournalEntrySchema } from '../../src/protocol/journal.ts';
import { functionsDirectory } from '../../src/runtime/up/functions-directory.ts';
import { musterHome } from './support/muster-home.ts';
import { strangers } from './support/strangers.ts';

// Functions of the catalogue on real packets, with the control agents that its packages ask for, under a SYN flood from strangers on its own
// virtual link: found, limited and blocked by agents of its pipeline, each attested and in a process of its own.

const home = musterHome();
const stateDir = functionsDirectory(home.dir);
const people = strangers(stateDir);
const catalogue = (name: string) => new URL(`../../catalogue/${name}`, import.meta.url).pathname;
/** What the operator says that goes to a unit, and what each attacker sends. */
const BYTES_PER_SEC = 20_000;
const FLOOD_PPS = 500;
const FLOOD_S = 75;
const FOUND_WITHIN_MS = 60_000;

const AgentsSchema = z.array(
  z.looseObject({ name: z.string(), status: z.string(), keyed: z.boolean(), roles: z.array(z.string()) }),
);

beforeAll(async () => {
  await home.must('up', '--sites', '3', '--plane', 'linux', '--rebirth', '0');
  await home.must('package', 'onboard', catalogue('client_vnf'), catalogue('web-server_vnf'));
}, 180_000);
afterAll(async () => {
  await people.leave();
  await home.muster('down');
  expect(left()).toEqual([]);
  home.forget();
}, 180_000);

/** What of the functions and of the strangers is still on the machine. */
function left(): readonly string[] {
  const marks = [instanceOf(stateDir), `stranger-${process.pid}-`];
  const namespaces = existsSync('/run/netns') ? readdirSync('/run/netns') : [];
  return [
    ...namespaces.filter((each) => marks.some((mark) => each.includes(mark))),
    ...(existsSync(stateDir) ? [stateDir] : []),
  ];
}

async function entries(): Promise<readonly JournalEntry[]> {
  const { api, token } = home.up();
  const answer = await fetch(`${api}/v1/entries`, { headers: { authorization: `Bearer ${token}` } });
  return z.array(JournalEntrySchema).parse(await answer.json());
}

async function actions(kind: string, link: string) {
  return (await entries()).flatMap((entry) =>
    entry.kind === 'action' && entry.action === kind && entry.detail['link'] === link ? [entry] : [],
  );
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('a service with the control agents of its pipeline', () => {
  test('has a flood on its own virtual link found, limited and blocked by them, and people are served', async () => {
    const { client } = home;
    const service = {
      name: 'shop',
      functions: [
        { name: 'visitor', capability: 'client' },
        { name: 'web', capability: 'web-server' },
      ],
      traffic: { data: { bytesPerSec: BYTES_PER_SEC } },
    };
    const applied = await client().apply({ service });
    const operation = await home.over(applied.operation?.id);
    expect(operation.state, operation.errors.at(-1)?.message).toBe('COMPLETED');
    const file = home.write('pipeline.yaml', (await home.must('pipeline', 'plan', 'shop')).stdout);
    await home.must('pipeline', 'apply', file, '--wait');
    const agents = AgentsSchema.parse(JSON.parse((await home.must('agent', 'list', '-o', 'json')).stdout));
    const own = agents.filter(({ name }) => name.startsWith('shop-'));
    expect(own.length).toBeGreaterThan(1);
    for (const agent of own) expect(agent).toMatchObject({ status: 'attested', keyed: true });

    const [unit] = (await client().get('shop')).shape.units.filter(({ vnf }) => vnf === 'web');
    const [id, link] = [unit?.id ?? '', 'shop/data>web/unit/0'];
    const target = people.addressOf(id);
    const address = (host: number) => target.replace(/\d+$/, String(host));
    const attackers = [241, 242].map(address);
    const visitors = [231, 232, 233, 234].map(address);
    await people.join('visitors', id, visitors);
    for (const [n, each] of attackers.entries()) await people.join(`attacker${n}`, id, [each]);
    const asked: { readonly startMs: number; readonly answered: boolean }[] = [];
    const browsing = people.run('visitors', 'visitors.ts', `http://${target}/`, '400', ...visitors);
    if (browsing.stdout !== null)
      createInterface({ input: browsing.stdout }).on('line', (line) => asked.push(JSON.parse(line)));
    await pause(5000);
    const share = (fromMs: number, toMs: number, least = 20) => {
      const among = asked.filter(({ startMs }) => startMs >= fromMs && startMs < toMs);
      expect(among.length).toBeGreaterThanOrEqual(least);
      return among.filter(({ answered }) => answered).length / among.length;
    };
    const quiet = share(0, Date.now());
    expect(quiet).toBeGreaterThan(0.9);
    expect(await actions('block-source', link)).toEqual([]);

    const beganMs = Date.now();
    for (const n of attackers.keys()) people.flood(`attacker${n}`, target, 80, FLOOD_PPS, FLOOD_S);
    const blocked = async () =>
      new Set(
        (await actions('block-source', link))
          .filter(({ status }) => status === 'done')
          .map(({ detail }) => detail['source']),
      );
    await expect.poll(blocked, { timeout: FOUND_WITHIN_MS, interval: 200 }).toEqual(new Set(attackers));
    const blockedMs = Date.now();
    await pause(8000);
    // The flood goes on meanwhile.
    expect(Date.now() - beganMs).toBeLessThan(FLOOD_S * 1000);
    const [during, after] = [share(beganMs, blockedMs, 0), share(blockedMs + 1000, Date.now() - 2500)];
    process.stderr.write(
      `blocked after ${blockedMs - beganMs} ms; answered: ${percent(quiet)} before, ${percent(during)} until then, ${percent(after)} afterwards\n`,
    );
    expect(after).toBeGreaterThan(0.9);
    // Limits on the address are bargained for only when they are quicker than the blocks.
    const limits = [...(await actions('limit-link', link)), ...(await actions('limit-target', link))];
    for (const done of [limits, await actions('block-source', link)]) {
      const inForce = done.filter(({ status }) => status === 'done');
      expect(inForce.length).toBeGreaterThan(0);
      for (const { detail } of inForce) expect(own.map(({ name }) => name)).toContain(detail['owner']);
    }
    // The fence let them do all of it.
    const refused = (await entries()).flatMap((entry) =>
      entry.kind === 'fault' && entry.fault === 'command-refused'
        ? [`${entry.subject}: ${entry.reason}`]
        : [],
    );
    expect(refused).toEqual([]);

    const [block] = await actions('block-source', link);
    const why = (await home.must('why', block?.id ?? '')).stdout;
    expect(why).toContain(link);
    expect(why).toMatch(/SYN/);
    expect(why).toMatch(/anomalousUsage|sourcesBlocked/);
  }, 300_000);
});

const percent = (part: number) => `${(100 * part).toFixed(1)} %`;
