import type { Source } from '../data/source-name.ts';

/** A word of a command, quoted where a shell would take it for something else. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A command that knows `--run`, of what is looked at. */
export function commandOn(source: Source, ...words: readonly string[]): string {
  const of = source.kind === 'run' ? ['--run', recordOf(source.id)] : [];
  return ['muster', ...words, ...of].map(shellWord).join(' ');
}

/** `--at` of a mind; none: as it is at the end, or now. In whole microseconds, so that what was written just then is in it. */
export function atTime(tMs: number | undefined): readonly string[] {
  return tMs === undefined ? [] : ['--at', String(Math.ceil(tMs * 1000) / 1e6)];
}

/** What the ledger says: of a run there is only what its journal has of it, and no command of ours lists that. */
export function ledgerCommand(source: Source, ofUp: readonly string[], agent?: string): string {
  if (source.kind === 'up') return commandOn(source, ...ofUp);
  const entries = `grep '"kind":"ledger"' ${shellWord(`${recordOf(source.id)}/journal.jsonl`)}`;
  return agent === undefined
    ? entries
    : `${entries} | grep -F ${shellWord(`"subject":${JSON.stringify(agent)}`)}`;
}

/** What a run was and came to: running it again is something else. */
export function reportCommand(id: string): string {
  return `cat ${shellWord(`${recordOf(id)}/report.json`)}`;
}

function recordOf(id: string): string {
  return `runs/${id}`;
}
