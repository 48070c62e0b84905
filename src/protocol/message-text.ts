import type { AclMessage } from './acl.ts';

/** The one text of a message: JSON with the keys of every record in order, whatever order whoever made it had them in. */
export function messageText(message: AclMessage): string {
  return textOf(message);
}

function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(textOf).join()}]`;
  let text = '{';
  for (const [key, each] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    if (each !== undefined) text += `${text === '{' ? '' : ','}${JSON.stringify(key)}:${textOf(each)}`;
  return `${text}}`;
}
