const MOST_CHARS = 2000;

/** Words of others, such as those of a unit that failed, as far as records keep them. */
export function inBounds(text: string): string {
  return text.length <= MOST_CHARS ? text : `${text.slice(0, MOST_CHARS - 1)}…`;
}
