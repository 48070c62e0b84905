import { figure } from './in-words.ts';

/** Words of a name in camel case: "offeredBytesPerSec" becomes "offered bytes per sec". */
export function spaced(name: string): string {
  return name.replace(
    /([a-z0-9])([A-Z])/g,
    (_, end: string, start: string) => `${end} ${start.toLowerCase()}`,
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** One value of a measurement or belief in a few words; nested data is counted, not spelt out. */
export function valueInWords(value: unknown): string {
  if (typeof value === 'number') return figure(value);
  if (typeof value === 'string') return value.length > 80 ? `${value.slice(0, 79)}…` : value;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.length === 1 ? '1 entry' : `${value.length} entries`;
  if (isRecord(value)) return recordInWords(value, 4);
  return 'nothing';
}

/** "offered bytes per sec 868000, syns 412": at most `most` of the values. */
export function recordInWords(values: Readonly<Record<string, unknown>>, most: number): string {
  const names = Object.keys(values);
  const shown = names.slice(0, most).map((name) => `${spaced(name)} ${valueInWords(values[name])}`);
  if (names.length > most) shown.push(`${names.length - most} more`);
  return shown.join(', ');
}
