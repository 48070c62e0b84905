import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { MusterError } from '../../../protocol/errors.ts';
import { deletePackage } from '../../../runtime/packages/delete-package.ts';
import { openPackageStore } from '../../../runtime/packages/open-package-store.ts';
import { example } from '../../example.ts';
import { note, outputFormat, printThing } from '../../printer.ts';
import { findPackage } from './find-package.ts';

export function addDelete(parent: Command): void {
  parent
    .command('delete')
    .argument('<package>', 'its id, or vnfd/<id>, nsd/<id>')
    .description('remove a package that nothing uses and no NSD names')
    .option('--yes', 'do not ask')
    .option('-o, --output <format>', 'table, json, jsonl or yaml', 'table')
    .addHelpText('after', example('muster package delete nsd/hackfest3charmed-ns --yes'))
    .action(async (typed: string, flags: { yes?: boolean; output: string }) => {
      const format = outputFormat(flags.output);
      const store = await openPackageStore();
      const { record } = await findPackage(await store.view(), typed);
      const name = `${record.kind}/${record.id}`;
      if (flags.yes !== true && !(await isSure(`remove ${name}, revision ${record.revision}?`, name))) {
        note('nothing is removed');
        return;
      }
      await deletePackage(store, record.kind, record.id);
      printThing({ kind: record.kind, id: record.id, digest: record.digest }, [`${name} is removed`], format);
    });
}

/** Asks at a terminal; without one, nobody can answer. */
async function isSure(question: string, name: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new MusterError('USAGE', 'nobody is there to be asked', {
      hint: `bin/muster package delete ${name} --yes`,
    });
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
  } finally {
    lines.close();
  }
}
