import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { Frame, FrameHeader } from '../../protocol/frame.ts';
import { decodeFrame, encodeFrame, headerBytes } from '../../protocol/frame.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { Hex } from '../../protocol/ledger.ts';
import { BLIND_BYTES, commitmentTo } from './commitment.ts';
import { ReplayWindow } from './replay-window.ts';
import type { SigningKey } from './signing-key.ts';
import { verifySignature } from './signing-key.ts';

/** Longest that frames of the epoch before are still taken; none when a member was thrown out, ms. */
export const EPOCH_GRACE_MS = 1000;
/** After so many frames to one peer in one epoch no more are sent: its counter is the nonce. */
const MOST_FRAMES = 2 ** 40;

/** A peer whose attestation is valid until `validUntilMs` on the monotonic clock that the cipher is given. */
export interface Peer {
  readonly incarnation: number;
  readonly frameKey: Hex;
  readonly validUntilMs: number;
}

export type Refusal =
  | 'malformed'
  | 'not-for-us'
  | 'unknown-sender'
  | 'not-attested'
  | 'old-incarnation'
  | 'wrong-epoch'
  | 'bad-signature'
  | 'replayed'
  | 'not-authentic'
  | 'not-as-committed';

export type Opened =
  | { readonly ok: true; readonly from: AgentId; readonly plain: Uint8Array }
  | { readonly ok: false; readonly refusal: Refusal };

/** Which decision a frame comes from; `blind`: `BLIND_BYTES` that hide the message behind its commitment, and travel with it. */
export interface FrameOrigin {
  readonly number: number;
  blind(): Uint8Array;
}

const NOBODY: FrameOrigin = { number: 0, blind: () => randomBytes(BLIND_BYTES) };

export interface FrameCipherOptions {
  readonly self: AgentId;
  readonly incarnation: number;
  readonly signingKey: SigningKey;
  /** Monotonic, ms. */
  nowMs(): number;
}

/**
 * Seals and opens the frames of one agent under the group's epoch key. A link's key is HKDF-SHA256(epoch key, sender,
 * receiver, incarnation, epoch), so that a counter is never used twice under one key. Fails closed: without an epoch, past the end of the
 * peer's attestation or of its own, nothing is sent or taken.
 */
export class FrameCipher {
  readonly #options: FrameCipherOptions;
  #epoch: { readonly number: number; readonly key: Uint8Array } | undefined;
  #before: { readonly number: number; readonly key: Uint8Array; readonly untilMs: number } | undefined;
  #closed = false;
  #peers: ReadonlyMap<AgentId, Peer> = new Map();
  readonly #keys = new Map<string, Uint8Array>();
  readonly #sent = new Map<AgentId, number>();
  readonly #windows = new Map<string, ReplayWindow>();

  constructor(options: FrameCipherOptions) {
    this.#options = options;
  }

  get epoch(): number | undefined {
    return this.#epoch?.number;
  }

  /**
   * `grace`: frames of the epoch before are taken for a moment; not when a member was thrown out. Between two epochs that do not
   * follow on each other one may have been: there is none then.
   */
  rotate(number: number, key: Uint8Array, grace: boolean): void {
    const was = this.#epoch;
    if (this.#closed || (was !== undefined && number <= was.number)) return;
    const untilMs = this.#options.nowMs() + EPOCH_GRACE_MS;
    this.#before = was !== undefined && grace && number === was.number + 1 ? { ...was, untilMs } : undefined;
    this.#epoch = { number, key: Uint8Array.from(key) };
    this.#sent.clear();
    for (const each of [...this.#keys.keys()]) if (!this.#isLive(each)) this.#keys.delete(each);
    for (const each of [...this.#windows.keys()]) if (!this.#isLive(each)) this.#windows.delete(each);
  }

  /** Who is attested now, this agent among them. */
  setPeers(peers: ReadonlyMap<AgentId, Peer>): void {
    this.#peers = peers;
  }

  /** Forgets the keys: nothing is sent or taken any more. */
  close(): void {
    this.#closed = true;
    this.#epoch?.key.fill(0);
    this.#epoch = undefined;
    this.#before = undefined;
    this.#keys.clear();
  }

  /** Undefined: there is no epoch, or this agent is not attested any more. `origin` absent: nobody keeps account of it. */
  seal(
    to: AgentId,
    plain: Uint8Array,
    { number: decision, blind: draw }: FrameOrigin = NOBODY,
  ): Uint8Array | undefined {
    const { self, incarnation, signingKey } = this.#options;
    const epoch = this.#epoch;
    const seq = (this.#sent.get(to) ?? 0) + 1;
    if (epoch === undefined || !this.#isAttested(self) || seq > MOST_FRAMES) return undefined;
    this.#sent.set(to, seq);
    const blind = draw();
    const said = commitmentTo(blind, plain);
    const header: FrameHeader = { from: self, to, incarnation, epoch: epoch.number, seq, decision, said };
    const aad = headerBytes(header);
    const cipher = createCipheriv('aes-256-gcm', this.#linkKey(header, epoch.key), nonceOf(seq));
    cipher.setAAD(aad);
    const sealed = Buffer.concat([
      cipher.update(blind),
      cipher.update(plain),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    const signature = signingKey.sign(Buffer.concat([aad, sealed]));
    return encodeFrame({ header, sealed: new Uint8Array(sealed), signature });
  }

  open(bytes: Uint8Array): Opened {
    const frame = decodeFrame(bytes);
    if (frame === undefined) return refuse('malformed');
    const { header, sealed, signature } = frame;
    const { self, nowMs } = this.#options;
    if (header.to !== self) return refuse('not-for-us');
    const peer = this.#peers.get(header.from);
    if (peer === undefined) return refuse('unknown-sender');
    if (peer.validUntilMs <= nowMs() || !this.#isAttested(self)) return refuse('not-attested');
    if (peer.incarnation !== header.incarnation) return refuse('old-incarnation');
    const key = this.#epochKey(header.epoch);
    if (key === undefined) return refuse('wrong-epoch');
    const aad = headerBytes(header);
    if (!verifySignature(peer.frameKey, Buffer.concat([aad, sealed]), signature))
      return refuse('bad-signature');
    const id = `${header.epoch} ${header.incarnation} ${header.from}`;
    const window = this.#windows.get(id) ?? new ReplayWindow();
    if (!window.isNew(header.seq)) return refuse('replayed');
    const opened = this.#decrypt(frame, aad, key);
    if (opened === undefined) return refuse('not-authentic');
    window.mark(header.seq);
    this.#windows.set(id, window);
    const plain = opened.subarray(BLIND_BYTES);
    // What its sender has accounted for is another message.
    const said = commitmentTo(opened.subarray(0, BLIND_BYTES), plain);
    if (opened.length < BLIND_BYTES || !Buffer.from(said).equals(header.said))
      return refuse('not-as-committed');
    return { ok: true, from: header.from, plain };
  }

  #decrypt({ header, sealed }: Frame, aad: Uint8Array, key: Uint8Array): Uint8Array | undefined {
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#linkKey(header, key), nonceOf(header.seq));
      decipher.setAAD(aad);
      decipher.setAuthTag(sealed.subarray(sealed.length - 16));
      const plain = decipher.update(sealed.subarray(0, sealed.length - 16));
      return new Uint8Array(Buffer.concat([plain, decipher.final()]));
    } catch {
      return undefined;
    }
  }

  #epochKey(number: number): Uint8Array | undefined {
    if (number === this.#epoch?.number) return this.#epoch.key;
    const before = this.#before;
    return number === before?.number && this.#options.nowMs() < before.untilMs ? before.key : undefined;
  }

  #isAttested(agent: AgentId): boolean {
    const peer = this.#peers.get(agent);
    return peer !== undefined && peer.validUntilMs > this.#options.nowMs();
  }

  #linkKey({ from, to, incarnation, epoch }: FrameHeader, epochKey: Uint8Array): Uint8Array {
    const id = `${epoch} ${incarnation} ${from}>${to}`;
    const known = this.#keys.get(id);
    if (known !== undefined) return known;
    const key = new Uint8Array(hkdfSync('sha256', epochKey, new Uint8Array(0), `muster frame ${id}`, 32));
    this.#keys.set(id, key);
    return key;
  }

  #isLive(id: string): boolean {
    const number = Number(id.slice(0, id.indexOf(' ')));
    return number === this.#epoch?.number || number === this.#before?.number;
  }
}

function refuse(refusal: Refusal): Opened {
  return { ok: false, refusal };
}

function nonceOf(seq: number): Uint8Array {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64BE(BigInt(seq), 4);
  return nonce;
}
