import { createPrivateKey, sign } from 'node:crypto';
import { encode } from 'cborg';
import { z } from 'zod';
import type { Knocking } from '../support/site-socket.ts';
import { framedBytes, knock, messagesIn } from '../support/site-socket.ts';
import { eventually, passes } from '../support/wait.ts';

const ROBBERY = z.object({
  socket: z.string(),
  pipeline: z.string(),
  agent: z.string(),
  incarnation: z.number(),
  epoch: z.number(),
  key: z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), d: z.string() }),
});
type Robbery = z.infer<typeof ROBBERY>;

/** Beyond every number that the agent itself has used. */
const FIRST_NUMBER = 1_000_000;
const EVERY_MS = 50;
/** Longer than from the loss of the connection until the agent is excluded, and started anew. */
const HELD_MS = 15_000;
const ANSWERED_MS = 3000;
const LINK = 's4>s4-cpu8mem8';

/**
 * Speaks for an agent with its stolen signing key: says hello, gives commands as long as the connection holds, and says hello again
 * when it does not.
 */
export async function steal(
  parameter: string,
): Promise<readonly { what: string; worked: boolean; said: string }[]> {
  const robbery = ROBBERY.parse(JSON.parse(parameter));
  const first = await hello(robbery);
  let sent = 0;
  const untilMs = performance.now() + HELD_MS;
  while (first.door.isOpen() && performance.now() < untilMs) {
    for (const what of wanted(robbery, sent)) first.door.send(command(robbery, FIRST_NUMBER + sent++, what));
    await passes(EVERY_MS);
  }
  const held = first.door.isOpen();
  first.door.close();
  const again = held ? undefined : await hello(robbery);
  again?.door.close();
  return [
    { what: 'hello', worked: first.welcome, said: first.said },
    { what: 'commands', worked: held, said: `${sent} sent${held ? '' : ', then cut off'}` },
    { what: 'hello again', worked: again?.welcome === true, said: again?.said ?? 'no need' },
  ];
}

async function hello({ socket, pipeline, agent, incarnation, key }: Robbery) {
  const door: Knocking = await knock(socket);
  const nonce = await eventually(() => said(door, 'nonce')?.['nonce'], ANSWERED_MS);
  const bytes = encode(['muster hello', pipeline, agent, incarnation, nonce]);
  door.send(framedBytes({ kind: 'hello', agent, incarnation, signature: signed(key, bytes) }));
  const answer = await eventually(() => said(door, 'welcome') ?? said(door, 'refused'), ANSWERED_MS);
  const kind = String(answer?.['kind'] ?? `no answer, ${door.isOpen() ? 'and still connected' : 'cut off'}`);
  const why = typeof answer?.['reason'] === 'string' ? `: ${answer['reason']}` : '';
  return { door, welcome: kind === 'welcome', said: `${kind}${why}` };
}

function said(door: Knocking, kind: string): Record<string, unknown> | undefined {
  return messagesIn(door.said()).find((each) => each['kind'] === kind);
}

/** An award that the thief gives itself, and a rule under it. */
function wanted({ agent }: Robbery, turn: number): readonly object[] {
  const award = `${agent}.999`;
  const action = {
    kind: 'limit-link',
    ...{ award, link: LINK, rateBytesPerSec: 1e9, owner: agent, rule: `limit:${LINK}:by-thief-of-${agent}` },
  };
  return [
    { kind: 'award-given', award, holder: agent },
    { kind: 'act', token: 0, entry: 0, reason: `thief of ${agent}, ${turn}`, action },
  ];
}

function command({ pipeline, agent, incarnation, epoch, key }: Robbery, seq: number, what: object): Buffer {
  const body = encode({ pipeline, agent, incarnation, epoch, seq, decision: 1, what });
  return framedBytes({ kind: 'command', body, signature: signed(key, body) });
}

function signed(key: Robbery['key'], bytes: Uint8Array): Uint8Array {
  return new Uint8Array(sign(null, bytes, createPrivateKey({ format: 'jwk', key })));
}
