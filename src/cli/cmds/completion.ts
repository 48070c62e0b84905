import type { Command } from 'commander';
import { Argument } from 'commander';
import { example } from '../example.ts';
import { out } from '../printer.ts';

export function addCompletion(program: Command): void {
  program
    .command('completion')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .description('a completion script for your shell, e.g. source <(muster completion bash)')
    .addHelpText('after', example('muster completion bash > ~/.muster-completion'))
    .action((shell: string) => out(scriptFor(shell, tree(program))));
}

/** Each command's path with the words that can follow it. */
function tree(program: Command): ReadonlyMap<string, readonly string[]> {
  const words = new Map<string, readonly string[]>();
  const visit = (command: Command, path: string) => {
    const flags = command.options.flatMap((option) => option.long ?? []);
    words.set(path, [...command.commands.map((each) => each.name()), ...flags, '--help']);
    for (const each of command.commands) visit(each, `${path} ${each.name()}`);
  };
  visit(program, 'muster');
  return words;
}

function scriptFor(shell: string, words: ReadonlyMap<string, readonly string[]>): string {
  if (shell === 'fish') {
    return [...words]
      .flatMap(([path, next]) => {
        const typed = path.split(' ').slice(1);
        const when =
          typed.length === 0
            ? '__fish_use_subcommand'
            : typed.map((each) => `__fish_seen_subcommand_from ${each}`).join('; and ');
        return next.map((each) => `complete -c muster -n '${when}' -a '${each}'`);
      })
      .join('\n')
      .concat('\n');
  }
  const cases = [...words].map(([path, next]) => `    "${path}") words="${next.join(' ')}" ;;`).join('\n');
  const body = `_muster() {
  local path="muster" word words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) path="$path $word" ;; esac
  done
  case "$path" in
${cases}
  esac
  COMPREPLY=($(compgen -W "$words" -f -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _muster muster
`;
  return shell === 'zsh' ? `autoload -U +X bashcompinit && bashcompinit\n${body}` : body;
}
