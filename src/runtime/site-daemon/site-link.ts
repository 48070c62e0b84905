import type { Socket } from 'node:net';
import { framed } from '../../adapters/channel/framed-socket.ts';
import type { LinkCipher } from '../../adapters/keys/link-cipher.ts';
import { linkCipher, newAgreement } from '../../adapters/keys/link-cipher.ts';
import type { SigningKey } from '../../adapters/keys/signing-key.ts';
import { verifySignature } from '../../adapters/keys/signing-key.ts';
import { decodeCbor, encodeCbor } from '../../protocol/cbor.ts';
import type { Hex } from '../../protocol/ledger.ts';
import type { Carried } from '../../protocol/peer-site.ts';
import {
  CarriedSchema,
  LinkAnswerSchema,
  LinkHelloSchema,
  LinkProofSchema,
  MAX_PROOF_BYTES,
} from '../../protocol/peer-site.ts';
import { MAX_SITE_MESSAGE_BYTES } from '../../protocol/site-link.ts';

/** How long a connection may take until both ends have proven who they are, ms. */
const PROVEN_WITHIN_MS = 2000;
/** That time is counted in looks this far apart, ms: while this process gets no time itself, none passes for the other end. */
const LOOK_EVERY_MS = 100;
/** What is kept for a peer until then, bytes; more is lost. */
const MOST_WAITING_BYTES = 1024 * 1024;
/** Length, type and tag around a sealed message, bytes. */
const SEAL_BYTES = 64;

export interface SiteLinkOptions {
  /** The site of this daemon, and the key that it is known by. */
  readonly self: string;
  readonly key: SigningKey;
  /** The site that is called; undefined: whoever calls says which it is. */
  readonly called?: string;
  /** What a site's daemon is known by; undefined: there is no such site. */
  keyOf(site: string): Hex | undefined;
  /** Both ends have proven who they are. */
  onOpen(peer: string): void;
  onMessage(message: Carried): void;
  /** Once; `refused`: why the other end was not believed. */
  onClose(refused: string | undefined): void;
}

/** One connection between the daemons of two sites. */
export interface SiteLink {
  /** Whether both ends have proven who they are. */
  isOpen(): boolean;
  /** What is said before they have waits for it, as far as there is room. */
  send(message: Carried): void;
  /** What the other end has not read yet, bytes. */
  unsentBytes(): number;
  close(): void;
}

/**
 * Both daemons draw a fresh X25519 key for the connection and sign both, with both names, under the keys that the supervisor has told all
 * of (signed Diffie-Hellman as in ISO/IEC 9798-3); what follows is sealed, so that nobody between them can put in, replay, reorder or
 * change anything. An end that says anything else is cut off.
 */
export function siteLink(socket: Socket, options: SiteLinkOptions): SiteLink {
  const { self, key, called, keyOf, onOpen, onMessage } = options;
  const own = newAgreement();
  const waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let cipher: LinkCipher | undefined;
  let refused: string | undefined;
  /** Takes what the other end has to say next. */
  let next: (message: unknown) => void;
  const refuse = (reason: string): void => {
    refused ??= reason;
    socket.destroy();
  };
  let looksLeft = PROVEN_WITHIN_MS / LOOK_EVERY_MS;
  const timer = setInterval(() => {
    looksLeft -= 1;
    if (looksLeft > 0) return;
    clearInterval(timer);
    // Nobody is there: that is no stranger.
    if (socket.connecting) socket.destroy();
    else refuse(`it has not proven who it is within ${PROVEN_WITHIN_MS} ms`);
  }, LOOK_EVERY_MS);
  const connection = framed(socket, {
    maxBytes: MAX_PROOF_BYTES,
    onMessage: (message) => next(message),
    onClose: (broken) => {
      clearInterval(timer);
      options.onClose(refused ?? broken);
    },
  });
  const open = (peer: string, made: LinkCipher): void => {
    clearInterval(timer);
    cipher = made;
    connection.setMaxBytes(MAX_SITE_MESSAGE_BYTES + SEAL_BYTES);
    next = (message) => {
      const plain = message instanceof Uint8Array ? made.open(message) : undefined;
      const carried = CarriedSchema.safeParse(plain && decodeCbor(plain, MAX_SITE_MESSAGE_BYTES));
      if (carried.success) onMessage(carried.data);
      else refuse(`${peer} says what it has not sealed, or what is no message`);
    };
    for (const each of waiting.splice(0)) connection.send(made.seal(each));
    onOpen(peer);
  };
  if (called === undefined) {
    next = (message) => {
      const hello = LinkHelloSchema.safeParse(message);
      if (!hello.success) return refuse('it says something else than who it is');
      const { site, agreement } = hello.data;
      const known = site === self ? undefined : keyOf(site);
      if (known === undefined) return refuse(`there is no site ${site} that would call`);
      const shared = own.agree(agreement);
      if (shared === undefined) return refuse(`${site} offers a key that is none`);
      const spoken = (by: 'caller' | 'called') => spokenBy(by, site, agreement, self, own.publicKey);
      const signature = key.sign(spoken('called'));
      connection.send({ kind: 'link-answer', agreement: own.publicKey, signature });
      next = (proof) => {
        const parsed = LinkProofSchema.safeParse(proof);
        if (!parsed.success || !verifySignature(known, spoken('caller'), parsed.data.signature))
          return refuse(`it says that it is ${site}, and has not its key`);
        // Another daemon may have taken its place since it said who it is.
        if (keyOf(site) !== known) return refuse(`the key of ${site} has been replaced`);
        open(site, linkCipher(shared, spoken('called'), spoken('caller')));
      };
    };
  } else {
    connection.send({ kind: 'link-hello', site: self, agreement: own.publicKey });
    next = (message) => {
      const answer = LinkAnswerSchema.safeParse(message);
      const known = keyOf(called);
      if (!answer.success || known === undefined) return refuse(`what answers for ${called} is no daemon`);
      const { agreement, signature } = answer.data;
      const spoken = (by: 'caller' | 'called') => spokenBy(by, self, own.publicKey, called, agreement);
      const shared = own.agree(agreement);
      if (shared === undefined || !verifySignature(known, spoken('called'), signature))
        return refuse(`what answers for ${called} has not its key`);
      connection.send({ kind: 'link-proof', signature: key.sign(spoken('caller')) });
      open(called, linkCipher(shared, spoken('caller'), spoken('called')));
    };
  }
  return {
    isOpen: () => cipher !== undefined && !socket.destroyed,
    send: (message) => {
      const plain = encodeCbor(message);
      if (cipher !== undefined) {
        connection.send(cipher.seal(plain));
      } else if (waitingBytes + plain.length <= MOST_WAITING_BYTES) {
        waitingBytes += plain.length;
        waiting.push(plain);
      }
    },
    unsentBytes: () => connection.unsentBytes(),
    close: () => connection.close(),
  };
}

/** What each end signs, and what the key of its way is bound to. */
function spokenBy(
  by: 'caller' | 'called',
  caller: string,
  callersKey: Uint8Array,
  called: string,
  calledsKey: Uint8Array,
): Uint8Array {
  return encodeCbor(['muster site link v1', by, caller, callersKey, called, calledsKey]);
}
