import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { MusterError } from '../../../protocol/errors.ts';
import { publicKeyOf } from '../../../runtime/image/operator-key.ts';
import { verifyImage } from '../../../runtime/image/verify-image.ts';
import { imageDigest } from '../../../runtime/image/wrap-image.ts';
import { example } from '../../example.ts';
import { outputFormat, printThing } from '../../printer.ts';

export function addVerify(parent: Command): void {
  parent
    .command('verify <file>')
    .description('check an image: its program, its manifest, and who signed it')
    .option('--key <file>', 'public key of the operator who must have signed it (default: any)')
    .option('-o, --output <format>', 'table, json, jsonl or yaml', 'table')
    .addHelpText(
      'after',
      example('muster image verify images/a1-1.image.json --key .muster/operator.key.pub'),
    )
    .action((file: string, flags: { key?: string; output: string }) => {
      const format = outputFormat(flags.output);
      const { manifest, publicKey } = verifyImage(
        readImageFile(file),
        flags.key === undefined ? undefined : publicKeyOf(flags.key),
      );
      const digest = imageDigest(manifest);
      printThing(
        { agent: manifest.agent, version: manifest.version, digest, manifest, publicKey },
        [
          `${manifest.agent}, version ${manifest.version}, for ${manifest.runtime}: whole`,
          `digest ${digest}`,
          `signed by ${publicKey}${flags.key === undefined ? ' (not compared with a key of yours)' : ''}`,
        ],
        format,
      );
    });
}

function readImageFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new MusterError('BAD_FILE', `cannot read ${file}`, { hint: 'muster image build', cause });
  }
}
