import type { Command } from 'commander';
import { MusterError } from '../../../protocol/errors.ts';
import { enterUnit } from '../../../runtime/services/enter-unit.ts';
import { example } from '../../example.ts';
import { note, out, outputFormat, printThing } from '../../printer.ts';
import { wholeNumber } from '../../whole-number.ts';
import { serviceClient, serviceNamed } from './service-in.ts';

const MOST_LOG_KIB = 256;
const LONGEST_EXEC_S = 60;

/** `service logs`, `exec` and `shell`: what an operator looks at and does inside a unit. */
export function addUnitCommands(parent: Command): void {
  addLogs(parent);
  addExec(parent);
  addShell(parent);
}

function ofUnit(parent: Command, verb: string): Command {
  return parent
    .command(verb)
    .argument('<service>', 'its name or id')
    .argument('<unit>', 'as service describe names it, such as web/vm/0');
}

function addLogs(parent: Command): void {
  ofUnit(parent, 'logs')
    .description('the last lines of what a unit says')
    .option('--kib <number>', `how much of its end, at most ${MOST_LOG_KIB}`, '16')
    .option('-o, --output <format>', 'table (the lines), json, jsonl or yaml', 'table')
    .addHelpText('after', example('muster service logs shop web/vm/0'))
    .action(async (typed: string, unit: string, flags: { kib: string; output: string }) => {
      const format = outputFormat(flags.output);
      const client = serviceClient();
      const bytes = wholeNumber('kib', flags.kib, MOST_LOG_KIB) * 1024;
      const log = await client.logs((await serviceNamed(client, typed)).id, unit, bytes);
      if (log.text === '') note(`${log.unit} has said nothing`);
      if (log.text !== '' || format !== 'table') printThing(log, [log.text.trimEnd()], format);
    });
}

function addExec(parent: Command): void {
  ofUnit(parent, 'exec')
    .argument('<command...>', 'after --: no shell looks at it')
    .description(
      'run a command inside a unit, within its limits; 1 when the command ends with another code than 0',
    )
    .option('--timeout <seconds>', `it is ended then, at most ${LONGEST_EXEC_S}`, '10')
    .option('-o, --output <format>', 'table (what it says), json, jsonl or yaml', 'table')
    .addHelpText(
      'after',
      example(
        'muster service exec shop web/vm/0 -- ip route',
        'muster service exec shop web/vm/0 -- sh -c "ps | wc -l"',
      ),
    )
    .action(
      async (typed: string, unit: string, command: string[], flags: { timeout: string; output: string }) => {
        const format = outputFormat(flags.output);
        const client = serviceClient();
        const timeoutMs = wholeNumber('timeout', flags.timeout, LONGEST_EXEC_S) * 1000;
        const { id } = await serviceNamed(client, typed);
        const done = await client.exec(id, unit, { command, timeoutMs });
        if (format === 'table') {
          out(done.stdout);
          if (done.stderr !== '') note(done.stderr.trimEnd());
        } else printThing(done, [], format);
        if (done.plane === 'twin') note(`${done.unit} is a model of the twin: nothing was run`);
        if (done.exitCode === 0) return;
        note(done.exitCode === 124 ? `ended after ${timeoutMs / 1000} s` : `ended with ${done.exitCode}`);
        process.exitCode = 1;
      },
    );
}

function addShell(parent: Command): void {
  ofUnit(parent, 'shell')
    .description('a shell inside a unit, for root of the machine that it runs on')
    .addHelpText('after', example('muster service shell shop web/vm/0'))
    .action(async (typed: string, unit: string) => {
      const client = serviceClient();
      const entry = await client.shell((await serviceNamed(client, typed)).id, unit);
      const code = await enterUnit(entry).catch((error: unknown) => {
        if (error instanceof MusterError) throw error;
        throw new MusterError('INTERNAL', `${unit} cannot be entered`, {
          hint: 'muster doctor',
          cause: error,
        });
      });
      process.exitCode = code;
    });
}
