/** Brackets that may be open at once, and characters of indentation and list marks that a line may begin with. */
const MAX_OPEN = 200;
const MAX_LEADING = 400;

const OPENING = new Set(['[', '{']);
const CLOSING = new Set([']', '}']);
const LEADING = new Set([' ', '-', '?', ':', '\t']);

/**
 * Whether a text would take a parser of YAML or JSON too deep into itself. Looked at before it is parsed: a parser that runs out of
 * stack while a regular expression is being compiled takes the whole process with it. Text within quotes counts too, so the bounds are
 * far above what any file of ours may nest.
 */
export function nestsTooDeeply(text: string): boolean {
  let open = 0;
  let leading = 0;
  let atStart = true;
  for (const char of text) {
    if (char === '\n') {
      atStart = true;
      leading = 0;
      continue;
    }
    atStart &&= LEADING.has(char);
    if (atStart) leading += 1;
    if (OPENING.has(char)) open += 1;
    else if (CLOSING.has(char)) open = Math.max(0, open - 1);
    if (open > MAX_OPEN || leading > MAX_LEADING) return true;
  }
  return false;
}
