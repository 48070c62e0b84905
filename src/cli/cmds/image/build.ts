import { resolve } from 'node:path';
import type { Command } from 'commander';
import { MusterError } from '../../../protocol/errors.ts';
import { buildImage } from '../../../runtime/image/build-image.ts';
import { DEFAULT_KEY } from '../../../runtime/image/operator-key.ts';
import { imageDigest } from '../../../runtime/image/wrap-image.ts';
import { example } from '../../example.ts';
import { outputFormat, printThing } from '../../printer.ts';

interface Flags {
  readonly key: string;
  readonly out: string;
  readonly entry?: string;
  readonly release: string;
  readonly capabilities: string;
  readonly native?: true;
  readonly jitless?: true;
  readonly output: string;
}

export function addBuild(parent: Command): void {
  parent
    .command('build <agent>')
    .description('wrap an agent for attestation: one bundle, its manifest, your signature')
    .option('--key <file>', 'your private key', DEFAULT_KEY)
    .option('--out <dir>', 'where the image is written', 'images')
    .option('--entry <file>', 'its main module, or its program with --native (default: the agent process)')
    .option('--release <number>', 'rises with every release of this agent', '1')
    .option('--capabilities <names>', 'separated by commas', '')
    .option('--native', 'the entry is an ELF program')
    .option('--jitless', 'run Node without its compiler: slower, and all its code can be hashed')
    .option('-o, --output <format>', 'table, json, jsonl or yaml', 'table')
    .addHelpText('after', example('muster image build link-monitor --release 2'))
    .action(async (agent: string, flags: Flags) => {
      const format = outputFormat(flags.output);
      const { image, file } = await buildImage({
        agent: nameOf(agent),
        version: releaseOf(flags.release),
        capabilities: flags.capabilities.split(',').flatMap((each) => (each === '' ? [] : [nameOf(each)])),
        entry: flags.entry,
        runtime: flags.native === true ? 'native' : 'node',
        jitless: flags.jitless === true,
        key: resolve(flags.key),
        outDir: resolve(flags.out),
      });
      const { manifest, publicKey } = image;
      const digest = imageDigest(manifest);
      printThing(
        { agent: manifest.agent, version: manifest.version, digest, file, manifest, publicKey },
        [
          `${manifest.agent}, version ${manifest.version}: ${manifest.bundleBytes} bytes for ${manifest.runtime}`,
          `digest ${digest}`,
          file,
        ],
        format,
      );
    });
}

function releaseOf(text: string): number {
  if (/^[1-9][0-9]{0,8}$/.test(text)) return Number(text);
  throw new MusterError('USAGE', `no release number: ${text}`, { hint: '--release 2' });
}

function nameOf(text: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,62}$/.test(text)) return text;
  throw new MusterError('USAGE', `no name: ${text}`, { hint: 'lower-case letters, digits and hyphens' });
}
