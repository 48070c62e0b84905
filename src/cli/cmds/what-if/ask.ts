import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { Option } from 'commander';
import type { z } from 'zod';
import { changeInWords } from '../../../core/explain/what-if-in-words.ts';
import { MusterError } from '../../../protocol/errors.ts';
import {
  type WhatIfChange,
  type WhatIfChangeSchema,
  WhatIfOrderSchema,
  type WhatIfView,
  WhatIfViewSchema,
} from '../../../protocol/what-if.ts';
import type { UpFile } from '../../../runtime/up/up-file.ts';
import { askUp } from '../../ask-up.ts';
import { example } from '../../example.ts';
import { interruptible } from '../../interruptible.ts';
import { note, outputFormat, printThing } from '../../printer.ts';
import { runningUp } from '../../running-up.ts';
import { wholeNumber } from '../../whole-number.ts';
import { whatIfInWords } from './in-words.ts';

const LOOK_EVERY_MS = 200;
const ANSWERED_WITHIN_MS = 30_000;

interface Flags {
  readonly for: string;
  readonly seed: string;
  readonly output: string;
}

/** `what-if lose-site`, `more-users` and `attack`: each forks what is up, and tells what came of it. */
export function addQuestions(parent: Command): void {
  question(parent, 'lose-site', 'all hosts and agents of a site fall silent')
    .argument('<site>', 'its name')
    .addHelpText('after', example('muster what-if lose-site site2', 'muster what-if lose-site site2 -o json'))
    .action((site: string, flags: Flags) => asked({ kind: 'lose-site', site }, flags));
  question(parent, 'more-users', 'a service, or everything, has more users')
    .argument('[service]', 'its name or id, or a group of users of the scenario that is up (default: all)')
    .addOption(new Option('--factor <n>', 'so many times as many').default('2'))
    .addHelpText('after', example('muster what-if more-users shop --factor 3'))
    .action((of: string | undefined, flags: Flags & { readonly factor: string }) =>
      asked({ kind: 'more-users', factor: Number(flags.factor), ...(of === undefined ? {} : { of }) }, flags),
    );
  question(parent, 'attack', 'a SYN flood on a service')
    .argument('<service>', 'its name or id, or a server of the scenario that is up')
    .addOption(new Option('--sources <n>', 'attackers').default('3'))
    .addOption(new Option('--rate <n>', 'SYN/s of each').default('2000'))
    .addHelpText('after', example('muster what-if attack shop --sources 5 --rate 1000'))
    .action((target: string, flags: Flags & { readonly sources: string; readonly rate: string }) => {
      const sources = wholeNumber('sources', flags.sources, 100);
      return asked(
        { kind: 'attack', target, sources, ratePps: wholeNumber('rate', flags.rate, 5000) },
        flags,
      );
    });
}

function question(parent: Command, name: WhatIfChange['kind'], what: string): Command {
  return parent
    .command(name)
    .description(`what if: ${what}? Nothing of what is up is changed`)
    .addOption(new Option('--for <seconds>', 'how far ahead, of its own time').default('60'))
    .addOption(new Option('--seed <n>', 'the same seed gives the same runs').default('1'))
    .option('-o, --output <format>', 'table (words), json, jsonl or yaml', 'table');
}

async function asked(change: z.input<typeof WhatIfChangeSchema>, flags: Flags): Promise<void> {
  const format = outputFormat(flags.output);
  const seconds = wholeNumber('for', flags.for, 300);
  const order = WhatIfOrderSchema.safeParse({ change, seconds, seed: wholeNumber('seed', flags.seed) });
  if (!order.success) {
    const [issue] = order.error.issues;
    throw new MusterError('USAGE', `${issue?.path.join(' ')}: ${issue?.message}`, {
      hint: `muster what-if ${change.kind} --help`,
    });
  }
  const up = runningUp();
  const begun = WhatIfViewSchema.parse(
    await askUp(up, 'POST', '/v1/what-ifs', { body: order.data, withinMs: ANSWERED_WITHIN_MS }),
  );
  const ended = await followed(up, begun);
  if (ended.result === null) {
    throw new MusterError('UNSATISFIED', `${ended.id}: ${ended.note}`, { hint: 'muster what-if list' });
  }
  printThing({ ...ended }, whatIfInWords(ended), format);
}

/** Until it has ended, telling how far it is; ctrl-C stops it. */
function followed(up: UpFile, begun: WhatIfView): Promise<WhatIfView> {
  const path = `/v1/what-ifs/${begun.id}`;
  return interruptible(async (interrupted) => {
    let said = '';
    for (let now = begun; ; now = WhatIfViewSchema.parse(await askUp(up, 'GET', path))) {
      const tenths = Math.floor(now.progress * 10) * 10;
      const words = `${now.id}: ${now.note}${now.state === 'running' && tenths > 0 ? `, ${tenths} %` : ''}`;
      if (words !== said) note(words);
      said = words;
      if (now.state !== 'running') return now;
      if (interrupted()) {
        await askUp(up, 'POST', `${path}/stop`, { body: {} });
        throw new MusterError('INTERRUPTED', `what if ${changeInWords(begun.order.change)}: stopped`);
      }
      await pause(LOOK_EVERY_MS);
    }
  });
}
