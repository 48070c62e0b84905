import type { Command } from 'commander';
import { musterVersion } from '../runtime/muster-version.ts';
import { EnvCommand } from './env-command.ts';
import { example } from './example.ts';

/** What follows `muster`; loaded when it is asked for, so that no command waits for the others. */
interface Word {
  readonly name: string;
  add(): Promise<(to: Command) => void>;
}

interface Noun extends Word {
  readonly description: string;
}

const NOUNS: readonly Noun[] = [
  {
    name: 'scenario',
    description: 'run and look at scenarios',
    add: async () => (await import('./cmds/scenario/verbs.ts')).addVerbs,
  },
  {
    name: 'package',
    description: 'packages of functions and services: ETSI SOL006, as Open Source MANO has them',
    add: async () => (await import('./cmds/package/verbs.ts')).addVerbs,
  },
  {
    name: 'service',
    description: 'services of what is up here',
    add: async () => (await import('./cmds/service/verbs.ts')).addVerbs,
  },
  {
    name: 'pipeline',
    description: 'the control agents of a service: planned, edited, and changed while they run',
    add: async () => (await import('./cmds/pipeline/verbs.ts')).addVerbs,
  },
  {
    name: 'agent',
    description: 'agents of what is up, or of a recorded run',
    add: async () => (await import('./cmds/agent/verbs.ts')).addVerbs,
  },
  {
    name: 'block',
    description: 'addresses that are dropped at the guarded links of what is up',
    add: async () => (await import('./cmds/block/block.ts')).addBlocks,
  },
  {
    name: 'auction',
    description: 'auctions of what is up, or of a recorded run',
    add: async () => (await import('./cmds/auction/verbs.ts')).addVerbs,
  },
  {
    name: 'image',
    description: 'agents wrapped for attestation, and programs that are signed',
    add: async () => (await import('./cmds/image/verbs.ts')).addVerbs,
  },
  {
    name: 'ledger',
    description: 'what stands in the ledger of a pipeline',
    add: async () => (await import('./cmds/ledger/verbs.ts')).addVerbs,
  },
  {
    name: 'key',
    description: 'the key of a group of agents',
    add: async () => (await import('./cmds/key/verbs.ts')).addVerbs,
  },
  {
    name: 'token',
    description: 'tokens for the API: who may look, and who may do things',
    add: async () => (await import('./cmds/token/verbs.ts')).addVerbs,
  },
  {
    name: 'what-if',
    description: 'what is up, forked into the twin, changed there and run ahead: nothing of it is touched',
    add: async () => (await import('./cmds/what-if/verbs.ts')).addVerbs,
  },
];

const VERBS: readonly Word[] = [
  { name: 'up', add: async () => (await import('./cmds/up.ts')).addUp },
  { name: 'console', add: async () => (await import('./cmds/console.ts')).addConsole },
  { name: 'down', add: async () => (await import('./cmds/down.ts')).addDown },
  { name: 'status', add: async () => (await import('./cmds/status.ts')).addStatus },
  { name: 'plan', add: async () => (await import('./cmds/plan.ts')).addPlan },
  { name: 'why', add: async () => (await import('./cmds/why.ts')).addWhy },
  { name: 'why-not', add: async () => (await import('./cmds/why-not.ts')).addWhyNot },
  { name: 'replay', add: async () => (await import('./cmds/replay.ts')).addReplay },
  { name: 'backup', add: async () => (await import('./cmds/backup.ts')).addBackup },
  { name: 'restore', add: async () => (await import('./cmds/restore.ts')).addRestore },
  { name: 'doctor', add: async () => (await import('./cmds/doctor.ts')).addDoctor },
  { name: 'completion', add: async () => (await import('./cmds/completion.ts')).addCompletion },
];

/**
 * The command line: nouns with their verbs, and the questions one asks of a run.
 * @param words what was typed: of a line that names commands these alone are whole. Without it all are.
 */
export async function createProgram(words?: readonly string[]): Promise<Command> {
  const program: Command = new EnvCommand('muster')
    .description(
      'Network services over many sites with nobody in the middle: agents bargain, act, and can be asked why',
    )
    .version(musterVersion(), '--version', 'the version of Muster')
    .option('--debug', 'show where an error comes from')
    .showSuggestionAfterError()
    .enablePositionalOptions()
    .exitOverride();
  const wanted = wantedOf(words);
  for (const { name, description, add } of NOUNS) {
    const noun = program.command(name).description(description);
    if (wanted(name, 'noun')) (await add())(noun);
  }
  for (const { name, add } of VERBS) if (wanted(name, 'verb')) (await add())(program);
  for (const each of everyCommand(program)) {
    each.exitOverride();
  }
  program.addHelpText(
    'after',
    '\nEvery flag can be given as MUSTER_<FLAG> in the environment (0, false, no, off: not set); the flag on the line counts first.\n' +
      'Exit codes: 0 done, 1 error, 2 done but not as expected, 3 attestation refused, 64 usage, 130 interrupted.\n' +
      example('muster scenario run demo', 'muster why', 'muster why-not functionPlaced'),
  );
  return program;
}

/** Whether a command has to be whole for such a line. */
function wantedOf(words: readonly string[] | undefined): (name: string, kind: 'noun' | 'verb') => boolean {
  const named = [...NOUNS, ...VERBS].map(({ name }) => name).filter((name) => words?.includes(name));
  // A script for completion tells all of them.
  if (words === undefined || named.includes('completion')) return () => true;
  // Help on the whole, or a word that is none: verbs are told of with their arguments, nouns by their names.
  if (words.join(' ') === '--version') return () => false;
  if (named.length === 0) return (_, kind) => kind === 'verb';
  return (name) => named.includes(name);
}

function everyCommand(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}
