import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { MusterError } from '../../protocol/errors.ts';
import { musterHome, readUpFile } from '../../runtime/up/up-file.ts';
import { example } from '../example.ts';
import { outputFormat, printThing } from '../printer.ts';
import { backupInWords } from './backup-in-words.ts';

export function addRestore(program: Command): void {
  program
    .command('restore')
    .argument('<file>', 'written by muster backup')
    .description('put services, packages and tokens back as they were, while nothing is up')
    .option('--check', 'only read it, and tell whether it is whole')
    .option('--force', 'take the place of what is there, which is kept beside it')
    .option('-o, --output <format>', 'table, json, jsonl or yaml', 'table')
    .addHelpText('after', example('muster restore muster.backup --check', 'muster restore muster.backup'))
    .action(async (file: string, flags: { check?: boolean; force?: boolean; output: string }) => {
      const format = outputFormat(flags.output);
      const found = await stat(file).catch(() => undefined);
      if (found?.isFile() !== true) {
        throw new MusterError('NOT_FOUND', `there is no file ${file}`, {
          hint: 'one is made by: muster backup FILE',
        });
      }
      // Loaded when they are needed: help, and every other command, start sooner without them.
      const { checkBackup, restoreBackup } = await import('../../runtime/backup/restore-backup.ts');
      if (flags.check === true) {
        const read = await checkBackup(file, createReadStream(file));
        printThing({ file, sha256: read.sha256, ...read.header }, backupInWords(file, read), format);
        return;
      }
      const up = readUpFile();
      if (up !== undefined) {
        throw new MusterError(
          'CONFLICT',
          `${up.scenario} is up (process ${up.pid}), and works with what would be replaced`,
          {
            hint: `muster down, then muster restore ${file}; the next muster up goes on from there`,
          },
        );
      }
      const home = musterHome();
      const options = { home, name: file, force: flags.force === true, nowMs: Date.now() };
      const restored = await restoreBackup(createReadStream(file), options);
      const aside = restored.aside === undefined ? [] : [`what was there is in ${restored.aside}`];
      const words = [
        ...backupInWords(file, restored),
        `${home} is as it was then`,
        ...aside,
        'Next  muster up: services that were to run are started again',
      ];
      printThing(
        { file, home, aside: restored.aside ?? null, sha256: restored.sha256, ...restored.header },
        words,
        format,
      );
    });
}
