import { readFile, stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { MusterError } from '../../../protocol/errors.ts';
import { type UpgradeView, UpgradeViewSchema } from '../../../protocol/upgrade.ts';
import type { UpFile } from '../../../runtime/up/up-file.ts';
import { askUp } from '../../ask-up.ts';
import { example } from '../../example.ts';
import { note, outputFormat, printListing } from '../../printer.ts';
import { runningUp } from '../../running-up.ts';

const PATH = '/v1/pipeline/upgrade';
/** As the API takes it. */
const MOST_IMAGE_BYTES = 32 * 1024 * 1024;
const TAKEN_WITHIN_MS = 30_000;
const LOOK_MS = 500;

interface Flags {
  readonly dryRun?: boolean;
  readonly wait?: boolean;
  readonly output: string;
}

export function addUpgrade(parent: Command): void {
  parent
    .command('upgrade')
    .argument(
      '[image]',
      'a newer release of what the agents run, signed by the same operator (default: tell how it goes)',
    )
    .description(
      'have the agents of what is up go over to a newer image, one after the other: each is attested before its predecessor hands over',
    )
    .option('--dry-run', 'tell what it would do, and change nothing')
    .option('--wait', 'until all of them have gone over, or it has stopped')
    .option('-o, --output <format>', 'table, wide, json, jsonl, yaml or name', 'table')
    .addHelpText(
      'after',
      example(
        'muster image build agent --release 2',
        'muster pipeline upgrade images/agent-2.image.json --dry-run',
        'muster pipeline upgrade images/agent-2.image.json --wait',
      ),
    )
    .action(async (image: string | undefined, flags: Flags) => {
      const format = outputFormat(flags.output);
      const up = runningUp();
      let view = image === undefined ? await viewOf(up) : await send(up, image, flags.dryRun === true);
      if (flags.wait === true) view = await untilEnded(up, view);
      note(inWords(view));
      printListing(
        { rows: view.agents.map((each) => ({ ...each })), columns: ['name', 'version', 'state'] },
        format,
      );
      if (view.state === 'stopped') {
        throw new MusterError('ATTESTATION_REFUSED', `the upgrade has stopped: ${view.reason}`, {
          hint: 'once that is mended, the same again: who has gone over stays as it is',
        });
      }
    });
}

async function viewOf(up: UpFile): Promise<UpgradeView> {
  return UpgradeViewSchema.parse(await askUp(up, 'GET', PATH));
}

async function send(up: UpFile, file: string, dryRun: boolean): Promise<UpgradeView> {
  const text = await textOf(file);
  const path = `${PATH}${dryRun ? '?dryRun=true' : ''}`;
  return UpgradeViewSchema.parse(await askUp(up, 'POST', path, { text, withinMs: TAKEN_WITHIN_MS }));
}

async function textOf(file: string): Promise<string> {
  try {
    if ((await stat(file)).size > MOST_IMAGE_BYTES) throw new Error(`longer than ${MOST_IMAGE_BYTES} bytes`);
    return await readFile(file, 'utf8');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new MusterError('BAD_FILE', `cannot read the image ${file}: ${why}`, {
      hint: 'muster image build agent --release N',
      cause,
    });
  }
}

/** Tells of each agent that has gone over. */
async function untilEnded(up: UpFile, begun: UpgradeView): Promise<UpgradeView> {
  const told = new Set(over(begun));
  let view = begun;
  while (view.state === 'running') {
    await pause(LOOK_MS);
    view = await viewOf(up);
    for (const name of over(view)) {
      if (told.has(name)) continue;
      told.add(name);
      note(`${name} has gone over, ${over(view).length} of ${view.agents.length}`);
    }
  }
  return view;
}

const over = ({ agents }: UpgradeView) =>
  agents.flatMap(({ name, state }) => (state === 'done' ? [name] : []));

function inWords(view: UpgradeView): string {
  const { state, from, to, agents } = view;
  const left = agents.length - over(view).length;
  if (to === null) return `there has been no upgrade: agents run version ${from.version}`;
  const seconds = `${((view.durationMs ?? 0) / 1000).toFixed(1)} s`;
  switch (state) {
    case 'planned':
      return left === 0
        ? `nothing to change: agents run version ${to.version} already`
        : `${left} agents would go over to version ${to.version}, one after the other`;
    case 'running':
      return `${left} of ${agents.length} agents have yet to go over to version ${to.version}: muster pipeline upgrade tells how it goes`;
    case 'done':
      return `all agents went over to version ${to.version} in ${seconds}`;
    case 'none':
    case 'stopped':
      return `${left} of ${agents.length} agents have not gone over to version ${to.version}`;
    default:
      return state satisfies never;
  }
}
