import type { Command } from 'commander';
import { MusterError } from '../../protocol/errors.ts';
import { example } from '../example.ts';
import { out } from '../printer.ts';
import { openNamedRun } from '../run-dir.ts';
import { timeInRun } from '../time-in-run.ts';

export function addReplay(program: Command): void {
  program
    .command('replay')
    .argument('[dir]', 'the run (default: the last one)')
    .description('give all agents their recorded inputs again and compare what they reason, byte for byte')
    .option('--at <seconds>', 'stop there and show how many entries there were by then')
    .addHelpText('after', example('muster replay runs/demo', 'muster replay runs/demo --at 5.6'))
    .action(async (dir: string | undefined, flags: { at?: string }) => {
      if (flags.at !== undefined) {
        const run = await openNamedRun(dir);
        const atMs = await timeInRun(run, flags.at);
        const { entries } = await run.replay(atMs);
        out(
          `${entries} entries by ${flags.at} s; look into a mind: bin/muster agent describe ${run.report.agents[0]?.agent ?? 'a1'} --at ${flags.at} --run ${run.dir}\n`,
        );
        return;
      }
      const run = await openNamedRun(dir, { unchecked: true });
      const { difference, traceHash, entries } = await run.replay();
      if (difference !== undefined) {
        throw new MusterError('REPLAY_DIFFERS', `the replay differs: ${difference}`, {
          hint: 'was it changed, or recorded by another version? run the scenario again',
        });
      }
      out(`equal: ${entries} entries, trace ${traceHash}\n`);
    });
}
