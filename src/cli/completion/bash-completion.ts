import type { Spot, Values } from './command-tree.ts';

/** A completion script for bash, which zsh takes as well. */
export function bashCompletion(spots: readonly Spot[]): string {
  const paths = spots.map(({ path }) => `"${path}"`).join(' | ');
  const valued = spots.flatMap(({ path, flags }) =>
    flags.flatMap(({ names, value }) =>
      value === undefined
        ? []
        : [{ pattern: names.map((name) => `"${path} ${name}"`).join(' | '), ...asked(value) }],
    ),
  );
  const wanting = valued.map(({ pattern }) => pattern).join(' | ');
  const values = valued.map(
    ({ pattern, words, paths: kind }) => `      ${pattern}) words="${words}" paths="${kind}" ;;`,
  );
  const following = spots.map(({ path, subcommands, flags, argument }) => {
    const words = [...subcommands, ...argument.words, ...flags.flatMap(({ names }) => names[0] ?? [])];
    return `      "${path}") words="${words.join(' ')}" paths="${asked(argument).paths}" ;;`;
  });
  return `_muster() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" path="muster" wants="" words="" paths="" word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    # A flag and its value are three words when "=" stands between them.
    if [ "$word" = "=" ]; then continue; fi
    if [ -n "$wants" ]; then wants=""; continue; fi
    case "$path $word" in
      ${wanting}) wants="$path $word" ;;
      ${paths}) path="$path $word" ;;
    esac
  done
  if [ "$cur" = "=" ]; then cur=""; fi
  if [ -n "$wants" ]; then
    case "$wants" in
${values.join('\n')}
    esac
  else
    case "$path" in
${following.join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  if [ -n "$paths" ]; then
    local IFS=$'\\n'
    COMPREPLY+=($(compgen "$paths" -- "$cur"))
    if [ -z "$words" ]; then compopt -o filenames 2>/dev/null; fi
  fi
}
complete -F _muster muster
`;
}

function asked({ words, paths }: Values): { words: string; paths: '' | '-f' | '-d' } {
  return { words: words.join(' '), paths: paths === 'none' ? '' : paths === 'files' ? '-f' : '-d' };
}
