import { resolve } from 'node:path';
import type { Command } from 'commander';
import { DEFAULT_KEY, readOperatorKey } from '../../../runtime/image/operator-key.ts';
import { signProgram } from '../../../runtime/image/sign-program.ts';
import { example } from '../../example.ts';
import { outputFormat, printThing } from '../../printer.ts';

export function addSign(parent: Command): void {
  parent
    .command('sign')
    .argument('<command...>', 'the program and its arguments, as the configuration of the site has them')
    .description('sign a program that stands for an image of packages; says what goes into site.yaml')
    .option('--key <file>', 'your private key', DEFAULT_KEY)
    .option('-o, --output <format>', 'table, json, jsonl or yaml', 'table')
    .addHelpText('after', example('muster image sign -- /usr/bin/python3 /opt/functions/dns.py --port 53'))
    .action(async (command: readonly string[], flags: { key: string; output: string }) => {
      const format = outputFormat(flags.output);
      const signed = await signProgram(command, readOperatorKey(resolve(flags.key)));
      printThing(
        { ...signed },
        [
          `signed: the command, and ${signed.files.join(', ')}`,
          `operatorKey: ${signed.operatorKey}`,
          `signature: ${signed.signature}`,
        ],
        format,
      );
    });
}
