import { isList, isRecord } from './data-shape.ts';
import { figure } from './in-words.ts';

type Values = Readonly<Record<string, unknown>>;

/** Words of a name in camel case: "offeredBytesPerSec" becomes "offered bytes per sec". */
export function spaced(name: string): string {
  return name.replace(
    /([a-z0-9])([A-Z])/g,
    (_, end: string, start: string) => `${end} ${start.toLowerCase()}`,
  );
}

/** One value of a measurement or belief in a few words; nested data is counted, not spelt out. */
export function valueInWords(value: unknown): string {
  if (typeof value === 'number') return figure(value);
  if (typeof value === 'string') return value.length > 80 ? `${value.slice(0, 79)}…` : value;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (isList(value)) return value.length === 1 ? '1 entry' : `${value.length} entries`;
  if (isRecord(value)) return recordInWords(value, 4);
  return 'nothing';
}

/** "offered bytes per sec 868000, syns 412": at most `most` of the values. */
export function recordInWords(values: Values, most: number): string {
  const names = Object.keys(values);
  const shown = names.slice(0, most).map((name) => `${spaced(name)} ${valueInWords(values[name])}`);
  if (names.length > most) shown.push(`${names.length - most} more`);
  return shown.join(', ');
}

/** What a reading holds, without the names of its form: `{ value: { kind, truncated: false, ... } }` says no more than `...`. */
function contents(values: Values): Values {
  const inner = values['value'];
  const held = Object.keys(values).length === 1 && isRecord(inner) ? inner : values;
  return Object.fromEntries(
    Object.entries(held).filter(
      ([name, value]) => name !== 'kind' && !(name === 'truncated' && value === false),
    ),
  );
}

function subjectOf(row: Values): string | undefined {
  const subject = row['source'] ?? row['target'];
  return typeof subject === 'string' ? subject : undefined;
}

function rowInWords(row: Values): string {
  const { source, target, ...numbers } = row;
  return `${String(source ?? target)} has ${recordInWords(numbers, 10)}`;
}

/** The rows of a reading of destinations or sources; undefined when it is another reading. */
function rowsOf(values: Values): readonly Values[] | undefined {
  const rows = contents(values)['entries'];
  return isList(rows) ? rows.filter(isRecord).filter((row) => subjectOf(row) !== undefined) : undefined;
}

/** What a reading says of one address: "10.0.0.9 has syns 320, confirmed 0, half open 64"; undefined when nothing. */
export function rowAbout(values: Values, address: string): string | undefined {
  const row = rowsOf(values)?.find((one) => subjectOf(one) === address);
  return row === undefined ? undefined : rowInWords(row);
}

/**
 * A reading in words; of a list of destinations or sources the one asked about, the two with the most SYNs when none is
 * asked about (or that one is not in it), or, for null, only how many there are.
 */
export function readingInWords(values: Values, about?: string | null): string {
  const rows = rowsOf(values);
  if (rows === undefined) return recordInWords(contents(values), 8);
  const addresses = rows.length === 1 ? '1 address' : `${rows.length} addresses`;
  if (about === null) return addresses;
  const asked = about === undefined ? undefined : rowAbout(values, about);
  if (asked !== undefined) return `${addresses}, of which ${asked}`;
  const syns = (row: Values): number => (typeof row['syns'] === 'number' ? row['syns'] : 0);
  const most = [...rows].sort((a, b) => syns(b) - syns(a)).slice(0, 2);
  return most.length === 0 ? addresses : `${addresses}, of which ${most.map(rowInWords).join('; ')}`;
}
