import { plainText } from '../../../core/explain/in-words.ts';

/** Text that is HTML already. Only `html` makes it, so everything else that goes into a page is escaped. */
export interface Markup {
  readonly markup: string;
}

type Part = Markup | string | number | null | undefined | readonly Part[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** The text with the characters escaped that mean something in HTML, in content and in quoted attributes alike. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}

function written(part: Part): string {
  if (part === null || part === undefined) return '';
  if (typeof part === 'string') return escapeHtml(plainText(part));
  if (typeof part === 'number') return String(part);
  return 'markup' in part ? part.markup : part.map(written).join('');
}

/**
 * A piece of HTML: what is put into it is escaped, and rid of control characters, unless it is markup itself; null and
 * undefined leave nothing.
 */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return { markup: strings.reduce((text, piece, at) => `${text}${written(parts[at - 1])}${piece}`) };
}

/** JSON that can stand inside a script element: no `<`, `>`, `&` or line separator is left as it is. */
export function jsonForScript(value: unknown): Markup {
  const text = JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return { markup: text };
}

/** The text with each number tied to its unit by a space at which no line breaks. */
export function tied(text: string): string {
  return text.replace(/(\d) (?=[A-Za-zµ%]+)/g, '$1\u00a0');
}
