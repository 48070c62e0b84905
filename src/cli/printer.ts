import { plainText } from '../core/explain/in-words.ts';
import { MusterError } from '../protocol/errors.ts';
import { jsonText, printable, yamlText } from './printable.ts';

export const OUTPUT_FORMATS = ['table', 'wide', 'json', 'jsonl', 'yaml', 'name'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

export type Row = Readonly<Record<string, unknown>>;

export interface Listing {
  readonly rows: readonly Row[];
  /** Fields that a table shows; `wide` shows all. The first one is the name. */
  readonly columns: readonly string[];
}

export function outputFormat(text: string): OutputFormat {
  const found = OUTPUT_FORMATS.find((each) => each === text);
  if (found === undefined) {
    throw new MusterError('USAGE', `no such output format: ${text}`, {
      hint: `one of: ${OUTPUT_FORMATS.join(', ')}`,
    });
  }
  return found;
}

/** Data goes to standard output, in the format that was asked for. */
export function printListing(listing: Listing, format: OutputFormat): void {
  out(formatListing(listing, format));
}

export function formatListing({ rows, columns }: Listing, format: OutputFormat): string {
  switch (format) {
    case 'json':
      return `${jsonText(rows, 2)}\n`;
    case 'jsonl':
      return rows.map((row) => `${jsonText(row, 0)}\n`).join('');
    case 'yaml':
      return yamlText(rows);
    case 'name':
      return rows.map((row) => `${cell(row[columns[0] ?? ''])}\n`).join('');
    case 'wide':
      return table(rows, rows[0] === undefined ? columns : Object.keys(rows[0]));
    case 'table':
      return table(rows, columns);
    default:
      return format satisfies never;
  }
}

/** One thing: data formats as they are, otherwise the lines that describe it in words. */
export function printThing(thing: Row, words: readonly string[], format: OutputFormat): void {
  if (format === 'json') out(`${jsonText(thing, 2)}\n`);
  else if (format === 'jsonl') out(`${jsonText(thing, 0)}\n`);
  else if (format === 'yaml') out(yamlText(thing));
  else out(`${words.join('\n')}\n`);
}

export function table(rows: readonly Row[], columns: readonly string[]): string {
  const lines = [
    columns.map((each) => each.toUpperCase()),
    ...rows.map((row) => columns.map((each) => cell(row[each]))),
  ];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => (line[index] ?? '').length)));
  return lines
    .map(
      (line) =>
        `${line
          .map((text, index) => text.padEnd(widths[index] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** What a terminal would act upon is made harmless: names come from files and from other agents. */
function cell(value: unknown): string {
  const text =
    value === null || value === undefined
      ? '-'
      : typeof value === 'object'
        ? JSON.stringify(value)
        : String(value);
  return plainText(text.replace(/[\t\n\r]+/g, ' '));
}

/** All that is printed goes through here and `note`: nothing in it that a terminal would act upon. */
export function out(text: string): void {
  process.stdout.write(printable(text));
}

/** Progress, notes and errors: standard error. */
export function note(text: string): void {
  process.stderr.write(`${printable(text)}\n`);
}
