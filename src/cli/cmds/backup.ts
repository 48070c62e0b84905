import { createReadStream, existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { MusterError } from '../../protocol/errors.ts';
import { cannotWrite } from '../../runtime/cannot-write.ts';
import { musterHome, readUpFile } from '../../runtime/up/up-file.ts';
import { backupOfUp } from '../backup-of-up.ts';
import { example } from '../example.ts';
import { outputFormat, printThing } from '../printer.ts';
import { backupInWords } from './backup-in-words.ts';

export function addBackup(program: Command): void {
  program
    .command('backup')
    .argument('<file>', 'where it goes; readable by you alone')
    .description('write services, packages and tokens to one file, also while they are up')
    .option('--force', 'take the place of a file that is there')
    .option('-o, --output <format>', 'table, json, jsonl or yaml', 'table')
    .addHelpText('after', example('muster backup muster.backup', 'muster restore muster.backup --check'))
    .action(async (file: string, flags: { force?: boolean; output: string }) => {
      const format = outputFormat(flags.output);
      if (flags.force !== true && existsSync(file)) {
        throw new MusterError('CONFLICT', `${file} is there already`, {
          hint: 'name another file, or have it replaced with --force',
        });
      }
      // Loaded when they are needed: help, and every other command, start sooner without them.
      const { backupHome } = await import('../../runtime/backup/backup-home.ts');
      const { checkBackup } = await import('../../runtime/backup/restore-backup.ts');
      const up = readUpFile();
      const running = up === undefined ? undefined : await backupOfUp(up);
      await writeWhole(file, running ?? backupHome(musterHome()));
      const read = await checkBackup(file, createReadStream(file));
      printThing({ file, sha256: read.sha256, ...read.header }, backupInWords(file, read), format);
    });
}

/** Whole, on disk, and under its name only then. */
async function writeWhole(file: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  const part = `${file}.${process.pid}.part`;
  try {
    const handle = await open(part, 'wx', 0o600).catch((cause: unknown) => {
      throw cannotWrite(file, cause);
    });
    try {
      for await (const piece of pieces) await writeAll(handle, piece, file);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(part, file);
    const directory = await open(dirname(file), 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  } finally {
    await rm(part, { force: true });
  }
}

async function writeAll(
  handle: Awaited<ReturnType<typeof open>>,
  piece: Uint8Array,
  file: string,
): Promise<void> {
  try {
    await handle.writeFile(piece);
  } catch (cause) {
    throw cannotWrite(file, cause);
  }
}
