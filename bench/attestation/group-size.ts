import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { agentKeyOf } from '../../src/adapters/keys/hashing.ts';
import { newKemKey, sealTo } from '../../src/adapters/keys/kem-key.ts';
import { nodeName } from '../../src/protocol/ids.ts';
import type { AgentKey, LedgerBlock } from '../../src/protocol/ledger.ts';
import type { Scenario } from '../../src/protocol/scenario.ts';
import { loadScenario } from '../../src/runtime/scenario/load-scenario.ts';
import type { Findings } from './figure.ts';
import { Figures } from './figure.ts';
import type { LivePipeline, SeenBlock } from './live-pipeline.ts';
import { livePipeline } from './live-pipeline.ts';
import { signalTo } from './processes.ts';
import { withDirectory } from './with-directory.ts';

/** New epochs of each group, each after another agent was killed. */
const EPOCHS = 3;
const BLOCK_S = 1;
const SITES = ['west', 'east', 'core'];

/** N agents from nothing until all are attested and hold the group key; then one is killed, and the others get a new one. */
export function groupSize(say: (text: string) => void, sizes: readonly number[]): Promise<Findings> {
  return withDirectory(async (directory) => {
    const figures = new Figures();
    const loaded = await loadScenario(new URL('../../scenarios/demo.yaml', import.meta.url).pathname);
    if (!loaded.ok) throw new Error('demo.yaml is not a scenario');
    for (const size of sizes) {
      const dir = join(directory, String(size));
      await mkdir(dir);
      const live = livePipeline(withHosts(loaded.scenario, size), dir, (text) => say(`${size}: ${text}`));
      try {
        await start(live, size, figures);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        figures.note(`${size} agents did not come up: ${why}`);
        say(`${size} agents did not come up: ${why}`);
        const attested = live.agents.filter((each) => live.pipeline.trust.attested(agentKeyOf(each)));
        figures.add(`attested of ${size} when that was given up`, 'agents', attested.length);
      } finally {
        await live.pipeline.close();
      }
    }
    for (const size of sizes) await sealing(size, figures);
    figures.note(
      'a new key takes two blocks: one opens the epoch, one acknowledges it; more where the set changes meanwhile',
    );
    figures.note('from nothing: the ledger, daemons and guards start in the same time; all on this machine');
    return figures.findings();
  });
}

function withHosts(scenario: Scenario, size: number): Scenario {
  const hosts = Array.from({ length: size }, (_, index) => ({
    name: nodeName(`host-${index}`),
    switch: nodeName(`s${1 + (index % 3)}`),
    site: SITES[index % SITES.length] ?? '',
    cpu: 4,
    memoryGb: 4,
    background: { cpu: 0, memoryGb: 0 },
  }));
  const [first] = scenario.topology.hosts;
  if (first === undefined) throw new Error('the demo has hosts');
  return {
    ...scenario,
    topology: { ...scenario.topology, hosts: hosts.map((host) => ({ ...first, ...host })) },
  };
}

async function start(live: LivePipeline, size: number, figures: Figures): Promise<void> {
  const beganMs = performance.now();
  await live.pipeline.start();
  figures.add(`${size} agents: from nothing until all are attested and keyed`, 's', since(beganMs) / 1000);
  const { number } = live.blocks[0]?.block ?? { number: 0 };
  const last = live.blocks.at(-1)?.block.number ?? 0;
  figures.add(`${size} agents: blocks that it took`, 'blocks', last - number + 1);
  for (let time = 0; time < EPOCHS; time++) {
    await live.until('all are well', 60_000, () => live.pipeline.isReady());
    await newEpoch(live, time, figures);
  }
}

async function newEpoch({ pipeline, agents, blocks, until }: LivePipeline, time: number, figures: Figures) {
  const size = agents.length;
  const victim = agents.at(-1 - time) ?? '';
  const pid = pipeline.pidOf(victim);
  if (pid === undefined) throw new Error(`${victim} does not run`);
  const seen = blocks.length;
  const find = (kind: string): SeenBlock | undefined =>
    blocks.slice(seen).find(({ block }) => block.entries.some(({ event }) => event.kind === kind));
  const key = agentKeyOf(victim);
  const before = pipeline.trust.epoch?.epoch ?? 0;
  signalTo(pid, 'SIGKILL');
  await until('it is revoked', 20_000, () => find('Revoked') !== undefined);
  await until('there is a new epoch', 30_000, () => find('EpochOpened') !== undefined);
  const others = agents.map(agentKeyOf).filter((each) => each !== key);
  // That one or a later: when the killed agent is back before all have said so, the next key follows.
  const keyedMs = await until('all the others hold a new key', 30_000, () => {
    const holders = new Set(blocks.slice(seen).flatMap(({ block }) => newHolders(block, before)));
    return others.every((each) => holders.has(each));
  });
  const [revoked, opened] = [find('Revoked'), find('EpochOpened')];
  if (revoked === undefined || opened === undefined) throw new Error('both have been seen');
  const last = blocks.at(-1) ?? opened;
  const waited = last.block.number - revoked.block.number;
  const seconds = (keyedMs - revoked.atMs) / 1000;
  figures.add(`${size} agents: revoked until all others hold a new key`, 's', seconds);
  figures.add(`${size} agents: of it, blocks in between`, 'blocks', waited);
  figures.add(`${size} agents: of it, beside its blocks`, 's', seconds - waited * BLOCK_S);
  figures.add(
    `${size} agents: of it, until the new epoch is opened`,
    's',
    (opened.atMs - revoked.atMs) / 1000,
  );
}

/** Who says in a block that it holds a key that came after an epoch. */
function newHolders({ entries }: LedgerBlock, before: number): readonly AgentKey[] {
  return entries.flatMap(({ event }) =>
    event.kind === 'Acknowledged' && event.epoch > before ? [event.agent] : [],
  );
}

/** The work of a new epoch without any block: the steward seals, one member opens. */
async function sealing(size: number, figures: Figures): Promise<void> {
  const keys = await Promise.all(Array.from({ length: size }, () => newKemKey()));
  const context = { info: Buffer.from('bench'), aad: Buffer.from('epoch') };
  for (let time = 0; time < 5; time++) {
    const beganMs = performance.now();
    const envelopes: Uint8Array[] = [];
    for (const { publicKey } of keys) envelopes.push(await sealTo(publicKey, new Uint8Array(32), context));
    figures.add(`${size} envelopes sealed by the steward`, 'ms', since(beganMs));
    const [key, envelope] = [keys[0], envelopes[0]];
    const openedMs = performance.now();
    if (key === undefined || envelope === undefined || (await key.open(envelope, context)) === undefined)
      throw new Error('an envelope opens with its key');
    figures.add('an envelope opened by a member', 'ms', since(openedMs));
  }
}

const since = (ms: number): number => performance.now() - ms;
