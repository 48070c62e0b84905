import type { Command, Option } from 'commander';
import { shippedScenarios } from '../../runtime/scenario/find-scenario.ts';
import { OUTPUT_FORMATS } from '../printer.ts';

/** What can stand in a place: some of these words, and perhaps files. */
export interface Values {
  readonly words: readonly string[];
  readonly paths: 'none' | 'files' | 'directories';
}

export interface Flag {
  /** As it is typed: `--output`, and `-o` where there is one. */
  readonly names: readonly string[];
  /** Undefined: it takes no value. */
  readonly value: Values | undefined;
}

/** A command, with all that can follow it. */
export interface Spot {
  /** E.g. `muster scenario run`. */
  readonly path: string;
  readonly subcommands: readonly string[];
  readonly flags: readonly Flag[];
  readonly argument: Values;
}

const NOTHING: Values = { words: [], paths: 'none' };

/** Every command under this one, itself first. */
export function commandTree(command: Command, path = command.name()): readonly Spot[] {
  const spot: Spot = {
    path,
    subcommands: command.commands.map((each) => each.name()),
    flags: [...command.options.map(flagOf), { names: ['--help', '-h'], value: undefined }],
    argument: argumentOf(command),
  };
  return [spot, ...command.commands.flatMap((each) => commandTree(each, `${path} ${each.name()}`))];
}

function flagOf(option: Option): Flag {
  const names = [option.long, option.short].flatMap((name) => name ?? []);
  return { names, value: option.required || option.optional ? takes(option) : undefined };
}

function takes({ long, argChoices }: Option): Values {
  if (argChoices !== undefined) return { words: argChoices, paths: 'none' };
  if (long === '--output') return { words: OUTPUT_FORMATS, paths: 'none' };
  if (long === '--image-map') return { words: [], paths: 'files' };
  return long === '--run' || long === '--out' ? { words: [], paths: 'directories' } : NOTHING;
}

function argumentOf(command: Command): Values {
  const [argument] = command.registeredArguments;
  if (argument === undefined) return NOTHING;
  if (argument.argChoices !== undefined) return { words: argument.argChoices, paths: 'none' };
  if (argument.name() === 'file') return { words: shippedScenarios(), paths: 'files' };
  if (argument.name() === 'path') return { words: [], paths: 'files' };
  return argument.name() === 'dir' ? { words: [], paths: 'directories' } : NOTHING;
}
