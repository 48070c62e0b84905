import { randomBytes } from 'node:crypto';
import type { Flow } from '../../core/chaining/share-flows.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ChainOrder, ExecResult, UnitOrder } from '../../ports/infrastructure.ts';
import { anyFlow } from './flow-ways.ts';
import { checkStamps } from './stamps.ts';
import type { Journey } from './twin-infrastructure.ts';

/** What the client of the catalogue needs to know of the models around it. */
export interface TwinClientWorld {
  readonly clock: Clock;
  orders(): readonly UnitOrder[];
  chains(): readonly ChainOrder[];
  send(chain: string, nonce: string, flow?: Flow): Journey | undefined;
}

const STAMP_KEY = /^([a-z0-9-]{1,40})=([0-9a-f]{64})$/;
const PAUSE_MS = 10;
const USUAL_WITHIN_MS = 10_000;

/** Name and key that a unit was ordered to stamp with; undefined: none. */
export function orderedStampKey({
  parameters,
}: UnitOrder): { readonly name: string; readonly key: Uint8Array } | undefined {
  const [, name, key] = STAMP_KEY.exec(parameters['stamp-key'] ?? '') ?? [];
  return name === undefined || key === undefined ? undefined : { name, key: Buffer.from(key, 'hex') };
}

/**
 * `probe` and `probe-until` of the catalogue's client (docs/functions.md), for a client that is a model: a fresh nonce goes through the chain
 * that leads to the server, and its stamps are checked with the keys that are given, on the way there and back.
 */
export async function askAsClient(
  client: UnitOrder,
  [primitive, ...values]: readonly string[],
  world: TwinClientWorld,
): Promise<ExecResult> {
  const given = new Map(
    values.map((each) => [each.slice(0, each.indexOf('=')), each.slice(each.indexOf('=') + 1)]),
  );
  const { clock } = world;
  const startedMs = clock.nowMs();
  const withinMs = primitive === 'probe' ? 0 : Number(given.get('within-ms') ?? USUAL_WITHIN_MS);
  for (;;) {
    const verify = given.get('stamp-verify') ?? '';
    const wrong = probe(client, given.get('server') ?? '', verify, world);
    const tookMs = clock.nowMs() - startedMs;
    const outcome = verify === '' ? 'answered (no stamps to verify: no stamp-verify)' : 'verified';
    if (wrong === undefined) return said(0, `${outcome} after ${tookMs} ms`);
    if (!(tookMs < withinMs)) return said(1, wrong);
    await new Promise<void>((resolve) => clock.at(clock.nowMs() + PAUSE_MS, resolve));
  }
}

/** Undefined: exactly those have stamped, in their order, both ways; else what is wrong. */
function probe(
  { service, interfaces }: UnitOrder,
  server: string,
  verify: string,
  { orders, chains, send }: TwinClientWorld,
): string | undefined {
  const [address, port] = server.split(':');
  const own = interfaces.map((each) => each.address);
  const chain = chains().find(
    ({ service: of, match }) =>
      of === service &&
      match.destination === address &&
      (match.destinationPort === undefined || match.destinationPort === Number(port)) &&
      (match.source === undefined || own.includes(match.source)),
  );
  const nonce = randomBytes(16).toString('hex');
  const source = own.find((each) => each !== undefined)?.split('/')[0];
  const flow = chain && anyFlow({ ...chain.match, ...(source === undefined ? {} : { source }) }, nonce);
  const journey = chain === undefined ? undefined : send(chain.id, nonce, flow);
  if (journey === undefined) return `${server} does not answer`;
  const stampers = new Map(
    orders()
      .filter((each) => each.service === service)
      .map((each) => [orderedStampKey(each)?.name, each.id]),
  );
  const keys = new Map<string, Uint8Array>();
  const expected: string[] = [];
  for (const each of verify === '' ? [] : verify.split(',')) {
    const [, name, key] = STAMP_KEY.exec(each) ?? [];
    if (name === undefined || key === undefined)
      return 'a name and a key are wanted, like fw=<64 hexadecimal digits>';
    const unit = stampers.get(name) ?? name;
    expected.push(unit);
    keys.set(unit, Buffer.from(key, 'hex'));
  }
  if (expected.length === 0) return undefined;
  const keyOf = (unit: string) => keys.get(unit);
  return (
    checkStamps(nonce, 'request', journey.request, expected, keyOf) ??
    checkStamps(nonce, 'reply', journey.reply, expected.toReversed(), keyOf)
  );
}

function said(exitCode: number, text: string): ExecResult {
  return exitCode === 0 ? { exitCode, stdout: text, stderr: '' } : { exitCode, stdout: '', stderr: text };
}
