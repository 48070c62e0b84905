import type { Flag, Spot, Values } from './command-tree.ts';

/** A completion script for fish. */
export function fishCompletion(spots: readonly Spot[]): string {
  const valued = spots.flatMap(({ path, flags }) =>
    flags.flatMap(({ names, value }) =>
      value === undefined ? [] : names.map((name) => `'${path} ${name}'`),
    ),
  );
  return `function __muster_at
  set -l path muster
  set -l skip 0
  for word in (commandline -opc)[2..-1]
    if test $skip = 1
      set skip 0
    else if contains -- "$path $word" ${valued.join(' ')}
      set skip 1
    else if contains -- "$path $word" ${spots.map(({ path }) => `'${path}'`).join(' ')}
      set path "$path $word"
    end
  end
  test "$path" = "$argv[1]"
end
complete -c muster -f
${spots.flatMap(ofSpot).join('\n')}
`;
}

function ofSpot({ path, subcommands, flags, argument }: Spot): string[] {
  const start = `complete -c muster -n "__muster_at '${path}'"`;
  const words = [...subcommands, ...argument.words];
  return [
    ...(words.length === 0 ? [] : [`${start} -a '${words.join(' ')}'`]),
    ...(argument.paths === 'none' ? [] : [`${start} -F`]),
    ...flags.map((flag) => `${start} ${flagWords(flag)}`),
  ];
}

function flagWords({ names, value }: Flag): string {
  const named = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  return [...named, ...(value === undefined ? [] : [valueWords(value)])].join(' ');
}

function valueWords({ words, paths }: Values): string {
  return paths === 'none' ? `-x -a '${words.join(' ')}'` : '-r -F';
}
