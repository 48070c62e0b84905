import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { SiteBus } from '../../src/adapters/bus-site/site-bus.ts';
import { createSiteBus } from '../../src/adapters/bus-site/site-bus.ts';
import { FrameCipher } from '../../src/adapters/keys/frame-cipher.ts';
import { newSigningKey } from '../../src/adapters/keys/signing-key.ts';
import type { AgentId } from '../../src/protocol/ids.ts';
import { AgentDoor } from '../../src/runtime/site-daemon/agent-door.ts';
import { carryFrame, deliverFrame } from '../../src/runtime/site-daemon/carry-frame.ts';
import { PeerSites } from '../../src/runtime/site-daemon/peer-sites.ts';
import { AgentEnd } from '../../src/runtime/site-daemon/testing/agent-end.ts';
import { AttestedGroup } from '../../src/runtime/trust/testing/attested-group.ts';
import type { BusBench } from './bus-suite.ts';
import { A1, A2, AWAY, B1, describeBus, PRESENT } from './bus-suite.ts';

const PIPELINE = '31337:0x01:0x02';
const WITHIN_MS = 60_000;
const SITE_OF: Readonly<Record<string, string>> = {
  [A1]: 'east',
  [A2]: 'east',
  [AWAY]: 'east',
  [B1]: 'west',
};
const SCOPES = new Map([A1, A2, AWAY, B1].map((agent) => [agent, undefined]));

/** What stands between two agents, over real sockets: the doors of two sites and the link of their daemons. */
async function openBench(): Promise<BusBench> {
  const directory = mkdtempSync(join(tmpdir(), 'muster-test-'));
  mkdirSync(join(directory, 'peers'));
  const sites = ['east', 'west'];
  const keys = new Map(sites.map((site) => [site, newSigningKey()]));
  const known = Object.fromEntries(
    [...keys].map(([site, { publicKey: linkKey }]) => [
      site,
      { address: { path: join(directory, 'peers', site) }, linkKey },
    ]),
  );
  const group = new AttestedGroup();
  for (const agent of [...PRESENT, AWAY]) await group.attest(agent);
  const closes: (() => void)[] = [];
  const reached: Promise<number>[] = [];
  for (const site of sites) {
    const peers: PeerSites = new PeerSites({
      site,
      key: keys.get(site) ?? newSigningKey(),
      onFrame: (to, frame) => deliverFrame({ scopes: SCOPES, door }, to, frame),
      onStranger: (_site, reason) => expect.fail(reason),
    });
    const door: AgentDoor = new AgentDoor({
      trust: group.view(),
      pipeline: () => PIPELINE,
      onMessage: (agent, _key, message) => {
        if (message.kind === 'frame')
          carryFrame(
            { site, agents: SITE_OF, scopes: SCOPES, door, peers },
            agent,
            message.to,
            message.frame,
          );
      },
      onWelcome: () => {},
      onRefused: (agent, reason) => expect.fail(`${agent}: ${reason}`),
    });
    await door.listen(join(directory, site));
    await peers.listen({ path: join(directory, 'peers', site) });
    peers.know(known);
    reached.push(peers.reach());
    closes.push(
      () => door.close(),
      () => peers.close(),
    );
  }
  await Promise.all(reached);
  let look: () => void = () => {};
  const key = new Uint8Array(randomBytes(32));
  const onTheWay = new Map<AgentId, number>();
  const buses = new Map<AgentId, SiteBus>();
  const peerMap = new Map(
    group
      .view()
      .peers()
      .map(({ name, incarnation, frameKey }) => [name, { incarnation, frameKey, validUntilMs: 60_000 }]),
  );
  for (const agent of PRESENT) {
    const member = group.members.get(agent);
    if (member === undefined) throw new Error(`${agent} was attested`);
    const { signingKey } = member;
    const cipher = new FrameCipher({ self: agent, incarnation: 1, signingKey, nowMs: () => group.nowMs });
    cipher.setPeers(peerMap);
    cipher.rotate(1, key, false);
    const end = new AgentEnd(join(directory, SITE_OF[agent] ?? ''));
    closes.push(() => end.close());
    await end.hello(PIPELINE, agent, 1, signingKey);
    await end.next('welcome');
    const bus = createSiteBus({
      self: agent,
      cipher,
      carry: (to, frame) => {
        onTheWay.set(to, (onTheWay.get(to) ?? 0) + 1);
        end.send({ kind: 'frame', to, frame });
      },
      onRefused: (refusal, from) => expect.fail(`${agent} refuses a frame of ${from}: ${refusal}`),
    });
    end.onMessage = (message) => {
      if (message.kind === 'frame') {
        onTheWay.set(agent, (onTheWay.get(agent) ?? 0) - 1);
        bus.receive(message.frame);
      }
      look();
    };
    buses.set(agent, bus);
  }
  const until = (done: () => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not within ${WITHIN_MS} ms`)), WITHIN_MS);
      look = () => {
        if (!done()) return;
        clearTimeout(timer);
        look = () => {};
        resolve();
      };
      look();
    });
  return {
    of: (agent) => {
      const bus = buses.get(agent);
      if (bus === undefined) throw new Error(`${agent} is not here`);
      return bus;
    },
    until,
    reached: (agent) => until(() => (onTheWay.get(agent) ?? 0) === 0),
    close: () => {
      for (const close of closes.reverse()) close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

describeBus('through the daemons of two sites', openBench);
