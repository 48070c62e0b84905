import type { Command } from 'commander';
import { CommanderError } from 'commander';
import { MusterError } from '../protocol/errors.ts';
import { note } from './printer.ts';
import { createProgram } from './program.ts';

/** Runs one command; answers the exit code: 0 done, 1 error, 2 unsatisfied, 64 usage, 130 interrupted. */
export async function main(args: readonly string[]): Promise<number> {
  // A reader that has gone (a closed terminal, `| head`) is no reason to stop half-way: what is running cleans up first.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const program = createProgram();
  try {
    // Understood anywhere on the line.
    await program.parseAsync(
      args.filter((each) => each !== '--debug'),
      { from: 'user' },
    );
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      note(`try: bin/${pathOf(program, args)} --help`);
      return 64;
    }
    if (error instanceof MusterError) {
      note(error.code === 'BAD_SCENARIO' ? error.message : `muster: ${error.message}`);
      if (error.hint !== '') note(`try: ${error.hint}`);
      if (args.includes('--debug')) note(String(error.stack));
      return error.exitCode;
    }
    note(`muster: ${error instanceof Error ? error.message : String(error)}`);
    note(
      args.includes('--debug')
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
