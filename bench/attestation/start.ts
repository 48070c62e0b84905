import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parentDeathSignal } from '../../src/runtime/child-process.ts';
import { openRun } from '../../src/runtime/open-run.ts';
import { disturbanceInWords } from '../../src/runtime/report/verdict.ts';
import type { Findings } from './figure.ts';
import { Figures } from './figure.ts';
import { withDirectory } from './with-directory.ts';

/** On each data plane; a run takes two minutes and a half. */
const RUNS = Number(process.env['START_RUNS'] ?? 3);
const KEYED = /all agents are attested and keyed after ([\d.]+) s/;
const muster = new URL('../../bin/muster', import.meta.url).pathname;

/** `muster scenario run ddos --genuine` to its end, on the twin and, as root, on real packets. */
export function startedGenuine(say: (text: string) => void): Promise<Findings> {
  return withDirectory(async (directory) => {
    const figures = new Figures();
    const planes = process.getuid?.() === 0 ? (['twin', 'linux'] as const) : (['twin'] as const);
    if (planes.length === 1) figures.note('on real packets: skipped, it needs root');
    for (let seed = 1; seed <= RUNS; seed++) {
      for (const plane of planes) {
        const { keyedS, commandS, unmet, disturbance } = await runDdos(plane, seed, directory);
        figures.add(
          `ddos --genuine on ${plane}: from its start until all are attested and keyed`,
          's',
          keyedS,
        );
        figures.add(`ddos --genuine on ${plane}: the same from the command on`, 's', commandS);
        figures.add(`ddos --genuine on ${plane}: expectations not met`, 'a run', unmet.length);
        for (const each of unmet) figures.note(`${plane}, seed ${seed}: not met: ${each}`);
        if (disturbance !== null) figures.note(`${plane}, seed ${seed}: ${disturbance}`);
        say(`${plane}, seed ${seed}: keyed after ${keyedS} s, not met: ${unmet.length}`);
      }
    }
    return figures.findings();
  });
}

interface Started {
  /** As the run tells it. */
  readonly keyedS: number;
  /** The same, the start of its own process included. */
  readonly commandS: number;
  readonly unmet: readonly string[];
  /** What the host of this machine withheld of its processors, if much. */
  readonly disturbance: string | null;
}

async function runDdos(plane: 'twin' | 'linux', seed: number, directory: string): Promise<Started> {
  const out = join(directory, `${plane}-${seed}`);
  const flags = ['--genuine', '--plane', plane, '--seed', String(seed), '--out', out];
  const [command = '', ...args] = parentDeathSignal([muster, 'scenario', 'run', 'ddos', ...flags]);
  const beganMs = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  let commandS = Number.NaN;
  child.stderr.on('data', (text: Buffer) => {
    said += text.toString();
    if (Number.isNaN(commandS) && KEYED.test(said)) commandS = (performance.now() - beganMs) / 1000;
  });
  const [code] = await once(child, 'close');
  const keyedS = Number(KEYED.exec(said)?.[1]);
  // 2: expectations were not met.
  if ((code !== 0 && code !== 2) || Number.isNaN(keyedS))
    throw new Error(`it ended with ${code}: ${said.slice(-1000)}`);
  const { report } = await openRun(out);
  const unmet = report.expectations.filter(({ met }) => !met);
  return {
    keyedS,
    commandS,
    unmet: unmet.map(({ name, expected, measured }) => `${name}: ${measured} (${expected})`),
    disturbance: disturbanceInWords(report),
  };
}
