import type { Command } from 'commander';
import { Argument } from 'commander';
import { bashCompletion } from '../completion/bash-completion.ts';
import type { Spot } from '../completion/command-tree.ts';
import { commandTree } from '../completion/command-tree.ts';
import { fishCompletion } from '../completion/fish-completion.ts';
import { example } from '../example.ts';
import { out } from '../printer.ts';

export function addCompletion(program: Command): void {
  program
    .command('completion')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .description('a completion script for your shell, e.g. source <(muster completion bash)')
    .addHelpText('after', example('muster completion bash > ~/.muster-completion'))
    .action((shell: string) => out(scriptFor(shell, commandTree(program))));
}

function scriptFor(shell: string, spots: readonly Spot[]): string {
  if (shell === 'fish') return fishCompletion(spots);
  const script = bashCompletion(spots);
  return shell === 'zsh' ? `autoload -U +X bashcompinit && bashcompinit\n${script}` : script;
}
