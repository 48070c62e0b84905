import { createCipheriv, hkdfSync, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FrameHeader } from '../../protocol/frame.ts';
import { decodeFrame, encodeFrame, headerBytes } from '../../protocol/frame.ts';
import { agentId } from '../../protocol/ids.ts';
import { BLIND_BYTES, commitmentTo } from './commitment.ts';
import { EPOCH_GRACE_MS, FrameCipher } from './frame-cipher.ts';
import type { SigningKey } from './signing-key.ts';
import { newSigningKey } from './signing-key.ts';

const [a, b, c] = [agentId('a'), agentId('b'), agentId('c')];
const key = (digit: number): Uint8Array => new Uint8Array(32).fill(digit);
const said = new TextEncoder().encode('cfp: who can take this flow?');

/** Three attested members under epoch 1, on a clock that stands until it is moved. */
function group() {
  let now = 0;
  const keys = new Map([a, b, c].map((name) => [name, newSigningKey()] as const));
  const signingKey = (name: typeof a): SigningKey => {
    const found = keys.get(name);
    if (found === undefined) throw new Error(`no key of ${name}`);
    return found;
  };
  const peers = new Map(
    [a, b, c].map((name) => [
      name,
      { incarnation: 1, frameKey: signingKey(name).publicKey, validUntilMs: 60_000 },
    ]),
  );
  const member = (self: typeof a, incarnation = 1) => {
    const cipher = new FrameCipher({ self, incarnation, signingKey: signingKey(self), nowMs: () => now });
    cipher.setPeers(peers);
    cipher.rotate(1, key(1), false);
    return cipher;
  };
  return { peers, signingKey, member, at: (ms: number) => (now = ms) };
}

function sealed(cipher: FrameCipher, to = b, plain = said): Uint8Array {
  const frame = cipher.seal(to, plain);
  if (frame === undefined) throw new Error('nothing was sealed');
  return frame;
}

const refused = (refusal: string) => ({ ok: false, refusal });
const taken = (from = a, plain = said) => ({ ok: true, from, plain });

describe('a frame', () => {
  it('opens for its receiver and says who sent it', () => {
    const { member } = group();
    expect(member(b).open(sealed(member(a)))).toEqual(taken());
  });

  it('carries any text, also none', () => {
    const { member } = group();
    const [from, to] = [member(a), member(b)];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (plain) => {
        expect(to.open(sealed(from, b, plain))).toEqual(taken(a, plain));
      }),
      { numRuns: 100 },
    );
  });

  it('is taken once', () => {
    const { member } = group();
    const to = member(b);
    const frame = sealed(member(a));
    expect(to.open(frame)).toEqual(taken());
    expect(to.open(frame)).toEqual(refused('replayed'));
  });

  it('may come out of order within 256, not beyond', () => {
    const { member } = group();
    const [from, to] = [member(a), member(b)];
    const frames = Array.from({ length: 300 }, () => sealed(from));
    const nth = (n: number) => frames[n - 1] ?? new Uint8Array(0);
    expect(to.open(nth(300))).toEqual(taken());
    expect(to.open(nth(45))).toEqual(taken());
    expect(to.open(nth(44))).toEqual(refused('replayed'));
    expect(to.open(nth(45))).toEqual(refused('replayed'));
    expect(to.open(nth(299))).toEqual(taken());
  });

  it('a refused one uses up no number', () => {
    const { member } = group();
    const to = member(b);
    const frame = sealed(member(a));
    const last = frame.length - 1;
    expect(to.open(frame.map((byte, i) => (i === last ? byte ^ 1 : byte)))).toEqual(refused('bad-signature'));
    expect(to.open(frame)).toEqual(taken());
  });

  it('for another receiver is refused, though the group key is the same', () => {
    const { member } = group();
    expect(member(c).open(sealed(member(a), b))).toEqual(refused('not-for-us'));
  });

  it('is refused with any bit flipped', () => {
    const { member } = group();
    const frame = sealed(member(a));
    const to = member(b);
    fc.assert(
      fc.property(fc.nat(8 * frame.length - 1), (at) => {
        const flipped = frame.map((byte, i) => (i === at >> 3 ? byte ^ (1 << (at & 7)) : byte));
        expect(to.open(flipped).ok).toBe(false);
      }),
      { numRuns: 400 },
    );
    expect(to.open(frame)).toEqual(taken());
  });

  it('of somebody whom nobody has attested is refused', () => {
    const { peers, member } = group();
    const to = member(b);
    const frame = sealed(member(a));
    to.setPeers(new Map([...peers].filter(([name]) => name !== a)));
    expect(to.open(frame)).toEqual(refused('unknown-sender'));
  });

  it('of an incarnation that is not the attested one is refused, older or newer', () => {
    const { peers, signingKey, member } = group();
    const to = member(b);
    const frame = sealed(member(a, 1));
    const frameKey = signingKey(a).publicKey;
    to.setPeers(new Map(peers).set(a, { incarnation: 2, frameKey, validUntilMs: 60_000 }));
    expect(to.open(frame)).toEqual(refused('old-incarnation'));
    expect(to.open(sealed(member(a, 3)))).toEqual(refused('old-incarnation'));
    expect(to.open(sealed(member(a, 2)))).toEqual(taken());
  });
});

describe('an insider who holds the group key', () => {
  const blind = new Uint8Array(BLIND_BYTES).fill(7);
  const route = { from: a, to: b, incarnation: 1, epoch: 1, seq: 1, decision: 3 };
  const honest = { ...route, said: commitmentTo(blind, said) };

  /** Seals as `header.from` would, and signs with the insider's own key. */
  function forge(header: FrameHeader, insider: SigningKey): Uint8Array {
    const { from, to, incarnation, epoch, seq } = header;
    const id = `${epoch} ${incarnation} ${from}>${to}`;
    const linkKey = new Uint8Array(hkdfSync('sha256', key(1), new Uint8Array(0), `muster frame ${id}`, 32));
    const nonce = Buffer.alloc(12);
    nonce.writeBigUInt64BE(BigInt(seq), 4);
    const aad = headerBytes(header);
    const cipher = createCipheriv('aes-256-gcm', linkKey, nonce);
    cipher.setAAD(aad);
    const body = Buffer.concat([
      cipher.update(blind),
      cipher.update(said),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    const signature = insider.sign(Buffer.concat([aad, body]));
    return encodeFrame({ header, sealed: new Uint8Array(body), signature });
  }

  it('cannot speak as another, though what it seals would open', () => {
    const { signingKey, member } = group();
    const header = honest;
    // The control: the same forgery, signed with the key of whom it claims to be.
    expect(member(b).open(forge(header, signingKey(a)))).toEqual(taken());
    expect(member(b).open(forge(header, signingKey(c)))).toEqual(refused('bad-signature'));
  });

  it('cannot have a receiver take another message than the daemon has accounted for', () => {
    const { signingKey, member } = group();
    const other = commitmentTo(blind, new TextEncoder().encode('what it has decided to say'));
    const header = { ...honest, said: other };
    expect(member(b).open(forge(header, signingKey(a)))).toEqual(refused('not-as-committed'));
    expect(member(b).open(forge({ ...honest, seq: 2 }, signingKey(a)))).toEqual(taken());
  });

  it('cannot put another receiver, epoch or number on a frame', () => {
    const { member } = group();
    const frame = decodeFrame(sealed(member(a), b));
    if (frame === undefined) throw new Error('it was a frame');
    for (const change of [{ to: c }, { seq: 9 }, { from: c }, { decision: 9 }, { said: key(9) }]) {
      const header = { ...frame.header, ...change };
      expect(member(header.to).open(encodeFrame({ ...frame, header }))).toEqual(refused('bad-signature'));
    }
  });

  it('a signature over other sealed bytes is refused, and sealed bytes under another key do not open', () => {
    const { signingKey, member } = group();
    const header = honest;
    const body = new Uint8Array(randomBytes(40));
    const signature = signingKey(a).sign(Buffer.concat([headerBytes(header), body]));
    expect(member(b).open(encodeFrame({ header, sealed: body, signature }))).toEqual(
      refused('not-authentic'),
    );
  });
});

describe('an epoch', () => {
  it('without one nothing is sent or taken', () => {
    const { peers, signingKey, member } = group();
    const idle = new FrameCipher({ self: b, incarnation: 1, signingKey: signingKey(b), nowMs: () => 0 });
    idle.setPeers(peers);
    expect(idle.seal(a, said)).toBeUndefined();
    expect(idle.open(sealed(member(a)))).toEqual(refused('wrong-epoch'));
  });

  it('frames of the one before are taken for a second at most', () => {
    const { member, at } = group();
    const [from, to] = [member(a), member(b)];
    const [first, second] = [sealed(from), sealed(from)];
    to.rotate(2, key(2), true);
    at(EPOCH_GRACE_MS - 1);
    expect(to.open(first)).toEqual(taken());
    at(EPOCH_GRACE_MS);
    expect(to.open(second)).toEqual(refused('wrong-epoch'));
    expect(EPOCH_GRACE_MS).toBeLessThanOrEqual(1000);
  });

  it('frames of the one before are not taken when a member was lost', () => {
    const { member } = group();
    const [from, to] = [member(a), member(b)];
    const frame = sealed(from);
    to.rotate(2, key(2), false);
    expect(to.open(frame)).toEqual(refused('wrong-epoch'));
  });

  it('an epoch that was skipped ends the grace: somebody may have been lost in it', () => {
    const { member } = group();
    const to = member(b);
    const frame = sealed(member(a));
    to.rotate(3, key(3), true);
    expect(to.open(frame)).toEqual(refused('wrong-epoch'));
  });

  it('a later loss ends a grace that was given', () => {
    const { member } = group();
    const to = member(b);
    const frame = sealed(member(a));
    to.rotate(2, key(2), true);
    to.rotate(3, key(3), false);
    expect(to.open(frame)).toEqual(refused('wrong-epoch'));
  });

  it('a number that has been is not taken again, with whatever key', () => {
    const { member } = group();
    const [from, to] = [member(a), member(b)];
    to.rotate(2, key(2), true);
    to.rotate(1, key(9), true);
    to.rotate(2, key(9), true);
    expect(to.epoch).toBe(2);
    from.rotate(2, key(2), true);
    expect(to.open(sealed(from))).toEqual(taken());
  });

  it('the key of another epoch does not open what is said to be of this one', () => {
    const { member } = group();
    const [from, to] = [member(a), member(b)];
    from.rotate(2, key(2), true);
    to.rotate(2, key(3), true);
    expect(to.open(sealed(from))).toEqual(refused('not-authentic'));
  });

  it('a closed cipher stays closed: its counters may not begin again', () => {
    const { member } = group();
    const from = member(a);
    sealed(from);
    from.close();
    expect(from.seal(b, said)).toBeUndefined();
    from.rotate(1, key(1), false);
    from.rotate(2, key(2), false);
    expect(from.seal(b, said)).toBeUndefined();
    expect(from.open(sealed(member(b), a))).toEqual(refused('wrong-epoch'));
  });
});

describe('validity', () => {
  it('past that of the sender its frames are refused', () => {
    const { peers, signingKey, member, at } = group();
    const to = member(b);
    const frameKey = signingKey(a).publicKey;
    to.setPeers(new Map(peers).set(a, { incarnation: 1, frameKey, validUntilMs: 1000 }));
    const [first, second] = [sealed(member(a)), sealed(member(a))];
    at(999);
    expect(to.open(first)).toEqual(taken());
    at(1000);
    expect(to.open(second)).toEqual(refused('not-attested'));
  });

  it('past its own an agent neither sends nor takes', () => {
    const { peers, signingKey, member, at } = group();
    const [from, to] = [member(a), member(b)];
    const own = { incarnation: 1, frameKey: signingKey(b).publicKey, validUntilMs: 1000 };
    to.setPeers(new Map(peers).set(b, own));
    const [first, second] = [sealed(from), sealed(from)];
    at(999);
    expect(to.open(first)).toEqual(taken());
    expect(to.seal(a, said)).toBeDefined();
    at(1000);
    expect(to.seal(a, said)).toBeUndefined();
    expect(to.open(second)).toEqual(refused('not-attested'));
  });
});

describe('a counter', () => {
  it('never comes twice under one key: it goes on for each receiver, and begins anew with an epoch', () => {
    const { member } = group();
    const from = member(a);
    const seqs = (to: typeof a) =>
      [sealed(from, to), sealed(from, to)].map((each) => decodeFrame(each)?.header);
    const headers = [...seqs(b), ...seqs(c)];
    from.rotate(2, key(2), false);
    headers.push(...seqs(b), ...seqs(c));
    expect(headers.map((each) => each?.seq)).toEqual([1, 2, 1, 2, 1, 2, 1, 2]);
    const ids = headers.map((each) => `${each?.to} ${each?.epoch} ${each?.seq}`);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('whatever comes', () => {
  it('10 000 random and mutated frames: no throw, no growth, each refused', () => {
    const { member } = group();
    const [from, to] = [member(a), member(b)];
    const good = Array.from({ length: 20 }, () => sealed(from));
    let refusals = 0;
    const mutated = fc.tuple(fc.nat(19), fc.nat(), fc.integer({ min: 1, max: 255 })).map(([n, at, by]) => {
      const frame = good[n] ?? new Uint8Array(1);
      return frame.map((byte, i) => (i === at % frame.length ? byte ^ by : byte));
    });
    const cut = fc.tuple(fc.nat(19), fc.nat()).map(([n, at]) => (good[n] ?? said).slice(0, at % said.length));
    const noise = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(fc.oneof(noise, mutated, cut), (bytes) => {
        if (!to.open(bytes).ok) refusals++;
      }),
      { numRuns: 10_000 },
    );
    expect(refusals).toBe(10_000);
    // Nothing of it was marked as come.
    for (const frame of good) expect(to.open(frame)).toEqual(taken());
  });
});
