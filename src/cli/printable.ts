import { Document, visit } from 'yaml';
import { plainText } from '../core/explain/in-words.ts';

/** Controls and what reorders text, as `plainText` has it, except the end of a line. */
const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** Lines for a terminal, with their tabs: nothing else in them that it would act upon, whatever the names in a file hold. */
export function printable(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => line.split('\t').map(plainText).join('\t'))
    .join('\n');
}

/** A value as JSON: what a terminal would act upon is escaped, so that nothing is lost. */
export function jsonText(value: unknown, indent: 0 | 2): string {
  return escaped(JSON.stringify(value, null, indent));
}

/** The same as YAML. */
export function yamlText(value: unknown): string {
  const document = new Document(value);
  visit(document, {
    Scalar: (_, node) => {
      // Only between double quotes can a character be escaped.
      if (typeof node.value === 'string' && node.value.search(UNSAFE) >= 0) node.type = 'QUOTE_DOUBLE';
    },
  });
  return escaped(document.toString());
}

function escaped(text: string): string {
  return text.replace(UNSAFE, (each) =>
    each === '\n' ? each : `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
