// Goes into a copy of the product, beside its agent process: what an agent does that is attested, has valid keys, and lies.
import { createCipheriv, createHash, hkdfSync } from 'node:crypto';
import { decode, encode } from 'cborg';

const INSIDERS = ['a2', 'a4', 'a6'];
/** In whose name they speak. */
const VICTIM = 'a7';
const AHEAD = 1000;

type Header = readonly [number, string, string, number, number, number, number, Uint8Array];
type FrameParts = [...Header, Uint8Array, Uint8Array];
type Sign = (bytes: Uint8Array) => Uint8Array;

/** The group's key, as the insider holds it. */
export const held: { key: Uint8Array } = { key: new Uint8Array(0) };

/** Beside each frame: the same again, to somebody else, bent, of another epoch and incarnation, and one in the name of another. */
export function carryAsInsider(
  self: string,
  frame: Uint8Array,
  sign: Sign,
  send: (to: string, frame: Uint8Array) => void,
): void {
  if (!INSIDERS.includes(self)) return;
  const [version, from, to, incarnation, epoch, seq, decision, said, sealed] = decode(frame) as FrameParts;
  const rest = [decision, said] as const;
  const make = (header: Header, body: Uint8Array): Uint8Array =>
    encode([...header, body, sign(Buffer.concat([encode(header), body]))]);
  send(to, frame);
  send(to === 'a1' ? 'a3' : 'a1', frame);
  const bent = Uint8Array.from(sealed);
  bent[0] = (bent[0] ?? 0) ^ 1;
  send(to, make([version, from, to, incarnation, epoch, seq + AHEAD, ...rest], bent));
  send(to, make([version, from, to, incarnation, epoch + 1, seq, ...rest], sealed));
  send(to, make([version, from, to, incarnation + 1, epoch, seq + AHEAD, ...rest], sealed));
  if (to !== VICTIM) {
    const plain = blinded('forged');
    const header: Header = [version, VICTIM, to, 1, epoch, seq + 100_000, 1, commitmentTo(plain)];
    send(to, make(header, sealedAs(header, plain)));
  }
  if (shuffledLink !== undefined) return;
  shuffledLink = to;
  for (const ahead of LATE) {
    const plain = blinded(messageOf(self, to, ahead));
    const header: Header = [
      version,
      from,
      to,
      incarnation,
      epoch,
      seq + ahead,
      decision,
      commitmentTo(plain),
    ];
    send(to, make(header, sealedAs(header, plain)));
  }
}

/** Numbers of frames that this agent seals properly, in the order in which it sends them: a receiver takes what is at most 255 late. */
const LATE = [600, 500, 500, 300];
/** The one link on which it has done so, and how far its own frames there have to count on. */
let shuffledLink: string | undefined;
let skipped = 0;

/** How many numbers the agent leaves out before its next frame to somebody: those that it has used up for frames out of order. */
export function numbersUsedUp(to: string): number {
  if (to !== shuffledLink || skipped > 0) return 0;
  skipped = 1000;
  return skipped;
}

/** A message that its receiver does not understand, and writes down. */
function messageOf(sender: string, receiver: string, number: number): string {
  return JSON.stringify({
    performative: 'cfp',
    sender,
    receiver,
    conversationId: `${sender}:late-${number}`,
    messageId: `${sender}:${900_000 + number}`,
    protocol: 'fipa-contract-net',
    ontology: 'muster',
    content: { n: number },
  });
}

/** A message as it is sealed, after the random bytes that hide it in the commitment to it. */
function blinded(text: string): Buffer {
  return Buffer.concat([Buffer.alloc(16, 7), Buffer.from(text)]);
}

function commitmentTo(plain: Buffer): Uint8Array {
  return new Uint8Array(createHash('sha256').update('muster said').update(plain).digest());
}

/** A group key lets each member seal in the name of every other. */
function sealedAs(header: Header, plain: Buffer): Uint8Array {
  const [, from, to, incarnation, epoch, seq] = header;
  const name = `muster frame ${epoch} ${incarnation} ${from}>${to}`;
  const key = new Uint8Array(hkdfSync('sha256', held.key, new Uint8Array(0), name, 32));
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64BE(BigInt(seq), 4);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(encode(header));
  return new Uint8Array(Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]));
}

interface Said {
  readonly agent: string;
  readonly incarnation: number;
  readonly epoch: number;
  readonly seq: number;
}

/** Beside each command: the same again, in the name of another, of other epochs, incarnations and pipelines, and one with a bad signature. */
export function commandAsInsider(
  command: Said,
  sign: Sign,
  send: (message: { kind: 'command'; body: Uint8Array; signature: Uint8Array }) => void,
  /** The next number of a command, used up by asking. */
  number: () => number,
): void {
  if (!INSIDERS.includes(command.agent)) return;
  const give = (changed: object, signed = true): void => {
    const body = encode({ ...command, ...changed }, { ignoreUndefinedProperties: true });
    send({ kind: 'command', body, signature: signed ? sign(body) : new Uint8Array(64) });
  };
  const seq = command.seq + AHEAD;
  give({});
  give({ agent: VICTIM, seq });
  give({ pipeline: 'another', seq });
  give({ incarnation: command.incarnation + 1, seq });
  give({ epoch: command.epoch + 7, seq });
  give({ seq }, false);
  meddle(command.agent, number, give);
}

/** Links of the demo on which rules can be set. */
const LINK = 's4>s4-cpu8mem8';
const ruleOf = (agent: string): string => `limit:${LINK}:of-${agent}`;
let own = false;

/**
 * Sets a rule of its own, properly, under an award that it gives itself; and then tries its hand at the rules of the others: to
 * remove them, to put another in their place, to adopt them, and to give awards in their name. All properly signed and numbered.
 */
function meddle(agent: string, number: () => number, give: (changed: object) => void): void {
  const award = `${agent}.777`;
  const act = (action: object): object => ({ kind: 'act', token: 0, entry: 0, reason: 'meddles', action });
  const limit = { kind: 'limit-link', award, link: LINK, rateBytesPerSec: 1e9, owner: agent };
  const next = (what: object): void => give({ seq: number(), what });
  if (!own) {
    own = true;
    next({ kind: 'award-given', award, holder: agent });
    next(act({ ...limit, rule: ruleOf(agent) }));
  }
  for (const other of INSIDERS) {
    if (other === agent) continue;
    next(act({ kind: 'remove-rule', rule: ruleOf(other) }));
    next(act({ kind: 'remove-rule', rule: ruleOf(other), award: `${other}.777` }));
    next(act({ ...limit, rule: ruleOf(other) }));
    next(act({ kind: 'adopt-rules', fromAward: `${other}.777`, toAward: award, owner: agent }));
    next({ kind: 'award-given', award: `${other}.778`, holder: agent });
  }
}
