import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { FrameCipher } from '../../src/adapters/keys/frame-cipher.ts';
import { toHex } from '../../src/adapters/keys/hex.ts';
import { encodeCbor } from '../../src/protocol/cbor.ts';
import type { AgentId } from '../../src/protocol/ids.ts';
import { agentId } from '../../src/protocol/ids.ts';
import type { LedgerCall } from '../../src/protocol/ledger.ts';
import type { PeerSite, SiteAddress } from '../../src/protocol/peer-site.ts';
import { AgentSpecSchema } from '../../src/protocol/scenario.ts';
import type { FromSite, ToSite } from '../../src/protocol/site-control.ts';
import { FromSiteSchema } from '../../src/protocol/site-control.ts';
import type { Command } from '../../src/protocol/site-link.ts';
import type { SiteProcess } from '../../src/runtime/genuine/site-process.ts';
import { startSiteProcess } from '../../src/runtime/genuine/site-process.ts';
import { AgentEnd } from '../../src/runtime/site-daemon/testing/agent-end.ts';
import { followLedger } from '../../src/runtime/trust/follow-ledger.ts';
import { monotonicMs, TrustView, wallSeconds } from '../../src/runtime/trust/trust-view.ts';
import type { BenchLedger } from './bench-ledger.ts';
import { benchLedger } from './bench-ledger.ts';
import type { Findings } from './figure.ts';
import { Figures } from './figure.ts';
import type { Insider } from './insiders.ts';
import { attestInsiders } from './insiders.ts';
import { withDirectory } from './with-directory.ts';

const INSIDERS = 5;
const BLOCK_MS = 1000;
const SEND_EVERY_MS = 10;
/** What is sent must be seen to be taken this often before the revocation: otherwise a refusal means nothing. */
const TAKEN_BEFORE = 20;
const WATCH_MS = 3500;
const ANCHOR_EVERY_MS = 200;
const PEER = agentId('peer');

/**
 * An insider with genuine, attested keys goes on sending after its revocation, as a stolen process would. When did a site daemon carry
 * out its last command, and a peer at another site take its last frame?
 */
export function exclusion(say: (text: string) => void): Promise<Findings> {
  return withDirectory(async (directory) => {
    const ledger = await benchLedger(directory, BLOCK_MS);
    const trust = new TrustView({ monotonicMs, wallSeconds });
    const sites: SiteProcess<ToSite>[] = [];
    const ends: AgentEnd[] = [];
    let busy: NodeJS.Timeout | undefined;
    const following = followLedger(ledger.url, ledger.address, (block) => trust.apply(block));
    try {
      const names = Array.from({ length: INSIDERS }, (_, index) => agentId(`insider-${index}`));
      const guard = await ledger.account();
      const all = await attestInsiders(ledger, guard, [PEER, ...names], trust);
      const taken = new Map<string, number>();
      const peers: Record<string, PeerSite> = {};
      for (const site of ['west', 'east']) {
        const listen = { path: join(directory, `peer-${site}.sock`) };
        const onMessage = (message: FromSite): void => {
          note(message, taken);
          if (message.kind !== 'holder') return;
          peers[site] = { address: listen, linkKey: message.linkKey };
          for (const each of sites) each.send({ kind: 'peers', peers });
        };
        sites.push(start(site, listen, directory, names, ledger, onMessage));
      }
      const name = nameOf(ledger);
      const sitesOf = Object.fromEntries(all.map((each) => [each.name, siteOf(each.name)]));
      for (const each of sites) {
        each.send({ kind: 'pipeline', url: ledger.url, address: ledger.address, name });
        // They look after the same: daemons carry nothing between others.
        each.send({
          kind: 'agents',
          agents: all.map(({ name: agent }) => AgentSpecSchema.parse({ name: agent, host: 'bench' })),
          sites: sitesOf,
        });
      }
      await pause(1500);
      const enter = async (insider: Insider): Promise<AgentEnd> => {
        const end = new AgentEnd(join(directory, `${siteOf(insider.name)}.sock`));
        ends.push(end);
        await end.hello(name, insider.name, 1, insider.signingKey);
        await end.next('welcome');
        return end;
      };
      const [peer, ...insiders] = all;
      if (peer === undefined) throw new Error('there is a peer');
      const figures = new Figures();
      const epochKey = randomBytes(32);
      // Blocks come each second, with something in them: a chain that idles takes the next transaction at once.
      busy = setInterval(() => void guard.call(anchor()), ANCHOR_EVERY_MS);
      const peerEnd = await enter(peer);
      for (const [at, insider] of insiders.entries()) {
        // Another part of a block's second each time.
        await pause((at * BLOCK_MS) / INSIDERS);
        const run = { ledger, trust, insider, peer, peerEnd, epochKey, taken };
        await one(run, await enter(insider), figures);
        say(`${insider.name} is shut out`);
      }
      figures.note(
        `${INSIDERS} insiders that nobody kills, revoked one by one; no new epoch is opened, so that the attestation alone shuts them out`,
      );
      figures.note(
        'taken = carried out by the daemon of its site (command); opened by the FrameCipher of a peer at another site, over both daemons (frame), and handed to that cipher past the daemons (frame by itself)',
      );
      return figures.findings();
    } finally {
      clearInterval(busy);
      for (const end of ends) end.close();
      await Promise.all(sites.map((site) => site.stop()));
      following.stop();
      await ledger.stop();
    }
  });
}

function anchor(): LedgerCall {
  return { kind: 'anchor', batch: toHex(randomBytes(32)), root: toHex(randomBytes(32)), count: 1 };
}

function siteOf(agent: AgentId): string {
  return agent === PEER ? 'east' : 'west';
}

function nameOf({ address }: BenchLedger): string {
  return `${address.chainId}:${address.genesisHash}:${address.attestation}`;
}

function start(
  site: string,
  listen: SiteAddress,
  directory: string,
  insiders: readonly AgentId[],
  { programs }: BenchLedger,
  onMessage: (message: FromSite) => void,
): SiteProcess<ToSite> {
  const daemon = startSiteProcess<ToSite, FromSite>({
    program: programs.siteDaemon,
    arguments: [],
    says: FromSiteSchema,
    onMessage,
    onEnd: () => {},
  });
  daemon.send({
    kind: 'site',
    site,
    agentSocket: join(directory, `${site}.sock`),
    listen,
    agents: Object.fromEntries([PEER, ...insiders].map((each) => [each, siteOf(each)])),
  });
  return daemon;
}

/** How many commands of each a daemon has passed on, and when the last; under `name` and `name at`. */
function note(message: FromSite, taken: Map<string, number>): void {
  if (message.kind !== 'act') return;
  taken.set(message.agent, (taken.get(message.agent) ?? 0) + 1);
  taken.set(`${message.agent} at`, performance.now());
}

interface Run {
  readonly ledger: BenchLedger;
  readonly trust: TrustView;
  readonly insider: Insider;
  readonly peer: Insider;
  readonly peerEnd: AgentEnd;
  readonly epochKey: Uint8Array;
  readonly taken: Map<string, number>;
}

async function one(run: Run, end: AgentEnd, figures: Figures): Promise<void> {
  const { ledger, insider, peer, peerEnd, trust, taken, epochKey } = run;
  const cipherOf = (of: Insider): FrameCipher => {
    const cipher = new FrameCipher({
      self: of.name,
      incarnation: 1,
      signingKey: of.signingKey,
      nowMs: monotonicMs,
    });
    cipher.rotate(1, epochKey, false);
    return cipher;
  };
  const forever = { incarnation: 1, validUntilMs: Number.POSITIVE_INFINITY };
  const sender = cipherOf(insider);
  // It does not care what the ledger says of it.
  sender.setPeers(
    new Map([insider, peer].map((each) => [each.name, { ...forever, frameKey: each.signingKey.publicKey }])),
  );
  const [behind, beside] = [cipherOf(peer), cipherOf(peer)];
  const last = { frame: { count: 0, atMs: 0 }, direct: { count: 0, atMs: 0 } };
  const open = (cipher: FrameCipher, frame: Uint8Array, into: { count: number; atMs: number }) => {
    const nowMs = monotonicMs();
    const peers = trust.peers().map(({ name, incarnation, frameKey, validForMs }) => {
      return [name, { incarnation, frameKey, validUntilMs: nowMs + validForMs }] as const;
    });
    cipher.setPeers(new Map(peers));
    if (!cipher.open(frame).ok) return;
    into.count++;
    into.atMs = performance.now();
  };
  peerEnd.onMessage = (message) => {
    if (message.kind === 'frame') open(behind, message.frame, last.frame);
    peerEnd.messages.length = 0;
  };
  let seq = 0;
  let tried = 0;
  const sending = setInterval(() => {
    tried++;
    const frame = sender.seal(PEER, Uint8Array.of(1));
    if (frame === undefined) throw new Error('the insider seals whatever it likes');
    // Each cipher has a replay window of its own.
    open(beside, frame, last.direct);
    end.send({ kind: 'frame', to: PEER, frame });
    const what = { kind: 'act', token: 0, entry: 1, reason: 'bench', action: { kind: 'bench' } } as const;
    const command: Command = {
      pipeline: nameOf(ledger),
      agent: insider.name,
      incarnation: 1,
      epoch: 1,
      seq: ++seq,
      decision: 1,
      what,
    };
    const body = encodeCbor(command);
    end.send({ kind: 'command', body, signature: insider.signingKey.sign(body) });
  }, SEND_EVERY_MS);
  try {
    const commands = () => taken.get(insider.name) ?? 0;
    const deadlineMs = performance.now() + 10_000;
    while (Math.min(commands(), last.frame.count, last.direct.count) < TAKEN_BEFORE) {
      if (performance.now() > deadlineMs)
        throw new Error(`not taken even before: ${commands()}, ${last.frame.count}, ${last.direct.count}`);
      await pause(20);
    }
    const sentMs = performance.now();
    const result = await ledger.registry.call({ kind: 'revoke', agent: insider.key, reason: 'bench' });
    const finalMs = performance.now();
    if (!result.ok) throw new Error(`the revocation was refused: ${result.error}`);
    await pause(WATCH_MS);
    if (performance.now() - sentMs > 60_000 || tried < TAKEN_BEFORE) throw new Error('nothing was tried');
    figures.add('revocation sent until it is final for the sender', 'ms', finalMs - sentMs);
    const lasts = [
      ['command', taken.get(`${insider.name} at`) ?? 0],
      ['frame', last.frame.atMs],
      ['frame by itself', last.direct.atMs],
    ] as const;
    for (const [what, atMs] of lasts) {
      figures.add(`revocation sent until the last ${what} is taken`, 'ms', Math.max(0, atMs - sentMs));
      figures.add(`final until the last ${what} is taken`, 'ms', Math.max(0, atMs - finalMs));
      const blocks = Math.ceil(Math.max(0, atMs - sentMs) / BLOCK_MS);
      figures.add(`blocks from sending until the last ${what}, begun ones too`, 'blocks', blocks);
    }
  } finally {
    clearInterval(sending);
    peerEnd.onMessage = () => {};
    end.close();
  }
}
