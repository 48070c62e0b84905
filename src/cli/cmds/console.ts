import type { Command } from 'commander';
import { MusterError } from '../../protocol/errors.ts';
import { readUpFile } from '../../runtime/up/up-file.ts';
import { consoleAddress } from '../console-address.ts';
import { example } from '../example.ts';
import { note, out } from '../printer.ts';

export function addConsole(program: Command): void {
  program
    .command('console')
    .description('print an address that opens the console of what is up here in a browser, once')
    .addHelpText('after', example('muster console', 'xdg-open "$(muster console)"'))
    .action(async () => {
      const up = readUpFile();
      if (up === undefined) {
        throw new MusterError('USAGE', 'nothing is up here', { hint: 'muster up' });
      }
      out(`${await consoleAddress(up)}\n`);
      note('it opens once, within the hour; with a token of muster token create one can come in again');
    });
}
