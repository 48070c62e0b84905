import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { MusterError } from '../../protocol/errors.ts';
import { cleanUp } from '../../runtime/doctor.ts';
import { musterHome, readUpFile } from '../../runtime/up/up-file.ts';
import { askUp } from '../ask-up.ts';
import { example } from '../example.ts';
import { note, out } from '../printer.ts';
import { RUNS } from '../runs-directory.ts';
import { endLeftFunctions } from './left-functions.ts';

const DOWN_WITHIN_MS = 30_000;

export function addDown(program: Command): void {
  program
    .command('down')
    .description(
      'stop what muster up has started, and leave nothing running; what was done becomes a run below runs/, and what services there are stays on record: the next muster up runs them again',
    )
    .option('--keep-functions', 'functions on Linux go on, and the next muster up --sites takes them over')
    .addHelpText('after', example('muster down', 'muster down --keep-functions'))
    .action(async ({ keepFunctions = false }: { readonly keepFunctions?: boolean }) => {
      const up = readUpFile();
      if (up === undefined) {
        note(keepFunctions ? 'nothing is up' : await endLeftovers());
        return;
      }
      await askUp(up, 'POST', `/v1/stop?functions=${keepFunctions ? 'keep' : 'stop'}`);
      const untilMs = Date.now() + DOWN_WITHIN_MS;
      while (readUpFile() !== undefined) {
        if (Date.now() > untilMs) {
          throw new MusterError('INTERNAL', `process ${up.pid} does not end`, { hint: `kill ${up.pid}` });
        }
        await pause(50);
      }
      out(`${up.scenario} is down\n`);
    });
}

/** What killed ones could not clean up themselves; answers what that was. */
async function endLeftovers(): Promise<string> {
  const functions = await endLeftFunctions(musterHome());
  const namespaces = process.getuid?.() === 0 ? (await cleanUp()).length : 0;
  const left = [
    ...(functions ? ['functions'] : []),
    ...(namespaces === 0 ? [] : [`${namespaces} ${namespaces === 1 ? 'namespace' : 'namespaces'}`]),
  ];
  const { shelveJournal } = await import('../../runtime/up/shelve-journal.ts');
  const run = await shelveJournal(musterHome(), RUNS);
  if (run !== undefined) note(`what was done is recorded: bin/muster why --run ${run}`);
  return left.length === 0
    ? 'nothing is up'
    : `nothing was up; ${left.join(' and ')} that had been left behind are gone`;
}
