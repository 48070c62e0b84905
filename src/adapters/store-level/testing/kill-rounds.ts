import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { openLevelStore } from '../level-store.ts';

export interface KillRounds {
  readonly rounds: number;
  /** Library that takes away at a sync what is not synced yet; undefined: only SIGKILL, between two acknowledgements. */
  readonly powerLoss: string | undefined;
  onRound?(round: number, acknowledged: number): void;
}

export interface KillTally {
  readonly rounds: number;
  /** Rounds that ended between write and sync. */
  readonly betweenWriteAndSync: number;
  readonly acknowledged: number;
  /** What was acknowledged and is not there; empty: nothing is lost. */
  readonly lost: readonly string[];
}

/** Kills a writer of one store again and again, and looks each time whether all that it had acknowledged is there, whole. */
export async function killRounds(directory: string, options: KillRounds): Promise<KillTally> {
  const writer = new URL('level-writer.ts', import.meta.url).pathname;
  const last = new Map<string, number>();
  const lost: string[] = [];
  let acknowledged = 0;
  let betweenWriteAndSync = 0;
  for (let round = 0; round < options.rounds; round++) {
    // Opening takes some syncs too: those rounds end before anything is acknowledged, which has to be survived as well.
    const at = 1 + ((round * 7) % 60);
    const env =
      options.powerLoss === undefined
        ? process.env
        : { ...process.env, LD_PRELOAD: options.powerLoss, POWER_LOSS_AT: String(at) };
    const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), writer, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env,
    });
    const ended = once(child, 'exit');
    try {
      let seen = 0;
      for await (const line of createInterface({ input: child.stdout })) {
        const [side = '', n = ''] = line.split(' ');
        last.set(side, Number(n));
        acknowledged += 1;
        seen += 1;
        if (options.powerLoss === undefined && seen > at * 3) child.kill('SIGKILL');
      }
    } finally {
      child.kill('SIGKILL');
    }
    const [, signal] = await ended;
    if (signal === 'SIGKILL' && options.powerLoss !== undefined) betweenWriteAndSync += 1;
    else if (signal !== 'SIGKILL') lost.push(`round ${round}: the writer ended by itself`);
    lost.push(...(await missing(directory, last)).map((each) => `round ${round}: ${each}`));
    options.onRound?.(round, acknowledged);
  }
  return { rounds: options.rounds, betweenWriteAndSync, acknowledged, lost };
}

async function missing(directory: string, last: ReadonlyMap<string, number>): Promise<readonly string[]> {
  const store = await openLevelStore(directory, { format: 1 });
  const found: string[] = [];
  try {
    const view = await store.view();
    const text = async (key: string) => new TextDecoder().decode(await view.get(key));
    for (const [side, n] of last) {
      const stored = Number((await text(`n/${side}`)) || -1);
      if (stored < n) found.push(`${side}: ${n} was acknowledged, and ${stored} is there`);
      // All of a change, or nothing of it.
      if ((await text(`copy/${side}`)) !== String(stored).repeat(500))
        found.push(`${side}: half a change is there`);
      if ((await text(`each/${side}/${stored % 50}`)) !== String(stored))
        found.push(`${side}: half a change is there`);
    }
  } finally {
    await store.close();
  }
  return found;
}
