import type { AclMessage } from './acl.ts';

/** The one text of a message: JSON with the keys of every record in order, whatever order whoever made it had them in. */
export function messageText(message: AclMessage): string {
  return JSON.stringify(message, inOrder);
}

function inOrder(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
