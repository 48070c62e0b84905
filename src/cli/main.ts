import type { Command } from 'commander';
import { CommanderError } from 'commander';
import { type ErrorCode, MusterError } from '../protocol/errors.ts';
import { isOn } from './env-command.ts';
import { watchOutput } from './output.ts';
import { note } from './printer.ts';
import { createProgram } from './program.ts';

/** Their messages are lists of problems, each with its place. */
const WHOLE: readonly ErrorCode[] = [
  'BAD_SCENARIO',
  'BAD_PACKAGE',
  'BAD_SERVICE',
  'BAD_SITE',
  'BAD_PIPELINE',
];

/** Runs one command; answers the exit code: 0 done, 1 error, 2 unsatisfied, 64 usage, 130 interrupted. */
export async function main(args: readonly string[]): Promise<number> {
  const output = watchOutput();
  const code = await run(args);
  const lost = await output.lost();
  if (lost === undefined || code !== 0) return code;
  note(`muster: the output is lost: ${lost}`);
  note('try: write it elsewhere');
  return 1;
}

async function run(args: readonly string[]): Promise<number> {
  const debug = args.includes('--debug') || isOn(process.env['MUSTER_DEBUG']);
  // Understood anywhere on the line.
  const words = args.filter((each) => each !== '--debug');
  const program = await createProgram(words);
  try {
    await program.parseAsync(words, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      note(`try: bin/${pathOf(program, args)} --help`);
      return 64;
    }
    if (error instanceof MusterError) {
      note(WHOLE.includes(error.code) ? error.message : `muster: ${error.message}`);
      if (error.hint !== '') note(`try: ${error.hint}`);
      if (debug) note(String(error.stack));
      return error.exitCode;
    }
    note(`muster: ${error instanceof Error ? error.message : String(error)}`);
    note(
      debug
        ? String(error instanceof Error ? error.stack : '')
        : 'try: the same with --debug shows where it comes from',
    );
    return 1;
  }
}

/** The command that was meant, as far as its words are known. */
function pathOf(program: Command, args: readonly string[]): string {
  let command = program;
  const words = [program.name()];
  for (const word of args) {
    const next = command.commands.find((each) => each.name() === word);
    if (next === undefined) break;
    words.push(word);
    command = next;
  }
  return words.join(' ');
}
