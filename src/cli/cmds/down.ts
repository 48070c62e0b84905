import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { MusterError } from '../../protocol/errors.ts';
import { readUpFile } from '../../runtime/up/up-file.ts';
import { askUp } from '../ask-up.ts';
import { example } from '../example.ts';
import { note, out } from '../printer.ts';

const DOWN_WITHIN_MS = 30_000;

export function addDown(program: Command): void {
  program
    .command('down')
    .description('stop what muster up has started, and leave nothing behind')
    .addHelpText('after', example('muster down'))
    .action(async () => {
      const up = readUpFile();
      if (up === undefined) {
        note('nothing is up');
        return;
      }
      await askUp(up, 'POST', '/v1/stop');
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
