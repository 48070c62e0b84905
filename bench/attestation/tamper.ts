import { setTimeout as pause } from 'node:timers/promises';
import { agentKeyOf } from '../../src/adapters/keys/hashing.ts';
import type { LedgerEvent } from '../../src/protocol/ledger.ts';
import { loadScenario } from '../../src/runtime/scenario/load-scenario.ts';
import { isAlive } from '../../test/genuine/live-network.ts';
import { patchAndRestore } from '../../test/genuine/patch-and-restore.ts';
import type { Findings } from './figure.ts';
import { Figures } from './figure.ts';
import type { LivePipeline } from './live-pipeline.ts';
import { livePipeline } from './live-pipeline.ts';
import { withDirectory } from './with-directory.ts';

const TIMES = 5;
/** Between two: so that they do not all come at the same moment of the guard's second. */
const APART_MS = 1370;

/** A byte of a live agent's text is changed and put back; how long until somebody has done something about it. Needs root. */
export function tamper(say: (text: string) => void): Promise<Findings> {
  return withDirectory(async (dir) => {
    const loaded = await loadScenario(new URL('../../scenarios/demo.yaml', import.meta.url).pathname);
    if (!loaded.ok) throw new Error('demo.yaml is not a scenario');
    const live = livePipeline(loaded.scenario, dir);
    const figures = new Figures();
    try {
      await live.pipeline.start();
      for (let time = 0; time < TIMES; time++) {
        await live.until('all are well', 60_000, () => live.pipeline.isReady());
        await pause(APART_MS);
        await once(live, time, figures);
        say(`tampered ${time + 1} of ${TIMES}`);
      }
    } finally {
      await live.pipeline.close();
    }
    figures.note(`${TIMES} of 8 live agents, one after the other; blocks of 1 s are in the figures`);
    return figures.findings();
  });
}

async function once(live: LivePipeline, time: number, figures: Figures): Promise<void> {
  const { pipeline, agents, blocks, until } = live;
  const agent = agents[time % agents.length] ?? '';
  const key = agentKeyOf(agent);
  const pid = pipeline.pidOf(agent);
  if (pid === undefined) throw new Error(`${agent} does not run`);
  const epoch = pipeline.trust.epoch?.epoch ?? 0;
  const seen = blocks.length;
  const told = (holds: (event: LedgerEvent) => boolean) => () =>
    blocks.slice(seen).some(({ block }) => block.entries.some(({ event }) => holds(event)));
  const beganMs = performance.now();
  patchAndRestore(pid);
  const killed = until('it is killed', 10_000, () => !isAlive(pid));
  const revoked = until(
    'it is revoked',
    20_000,
    told((event) => event.kind === 'Revoked' && event.agent === key),
  );
  const rotated = until(
    'there is a new epoch',
    30_000,
    told((event) => event.kind === 'EpochOpened' && event.epoch > epoch),
  );
  const [killedMs, revokedMs, rotatedMs] = await Promise.all([killed, revoked, rotated]);
  figures.add('tampered until killed', 'ms', killedMs - beganMs);
  figures.add('tampered until revoked on the ledger', 'ms', revokedMs - beganMs);
  figures.add('tampered until a new epoch without it', 'ms', rotatedMs - beganMs);
}
