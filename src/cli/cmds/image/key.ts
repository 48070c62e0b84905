import { resolve } from 'node:path';
import type { Command } from 'commander';
import { DEFAULT_KEY, makeOperatorKey } from '../../../runtime/image/operator-key.ts';
import { example } from '../../example.ts';
import { out } from '../../printer.ts';

export function addKey(parent: Command): void {
  parent
    .command('key')
    .description("make an operator's key pair, which signs images and enrols guards")
    .option('--out <file>', 'the private key; the public one goes beside it with .pub', DEFAULT_KEY)
    .addHelpText('after', example('muster image key'))
    .action((flags: { out: string }) => {
      const file = resolve(flags.out);
      makeOperatorKey(file);
      out(`${file}\n${file}.pub\n`);
    });
}
