import type { Command } from 'commander';
import { MusterError } from '../../protocol/errors.ts';
import { example } from '../example.ts';
import { out } from '../printer.ts';
import { openNamedRun } from '../run-dir.ts';

export function addReplay(program: Command): void {
  program
    .command('replay')
    .argument('[dir]', 'the run (default: the last one)')
    .description('give all agents their recorded inputs again and compare what they reason, byte for byte')
    .option('--at <seconds>', 'stop there and show how many entries there were by then')
    .addHelpText('after', example('muster replay runs/demo', 'muster replay runs/demo --at 5.6'))
    .action(async (dir: string | undefined, flags: { at?: string }) => {
      const run = await openNamedRun(dir);
      if (flags.at !== undefined) {
        const atMs = Number(flags.at) * 1000;
        if (!Number.isFinite(atMs))
          throw new MusterError('USAGE', `not a time: ${flags.at}`, { hint: '--at takes seconds' });
        const { entries } = await run.replay(atMs);
        out(
          `${entries} entries by ${flags.at} s; look into a mind: bin/muster agent describe ${run.report.agents[0]?.agent ?? 'a1'} --at ${flags.at} --run ${run.dir}\n`,
        );
        return;
      }
      const { equal, traceHash, recordedHash, entries } = await run.replay();
      if (recordedHash === null) {
        throw new MusterError('NOT_SUPPORTED', 'a run with --genuine has no trace to compare a replay with', {
          hint: 'bin/muster agent describe <name> --at <s> shows a mind of it',
        });
      }
      if (!equal) {
        throw new MusterError('REPLAY_DIFFERS', `replayed ${traceHash}, recorded ${recordedHash}`, {
          hint: 'was it recorded by another version? run the scenario again',
        });
      }
      out(`equal: ${entries} entries, trace ${traceHash}\n`);
    });
}
