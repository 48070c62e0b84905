/** Words that YAML readers of some age take for something else than text. */
const NO_TEXT = /^(true|false|null|yes|no|on|off|y|n)$/i;

/** Plain values (of JSON) as YAML, to be read and edited by people. */
export function yamlText(value: unknown): string {
  return block(value, '').replace(/^\n/, '');
}

function block(value: unknown, indent: string): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return ' []\n';
    return `\n${value.map((each: unknown) => `${indent}-${item(each, `${indent}  `)}`).join('')}`;
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, each]) => each !== undefined);
    if (entries.length === 0) return ' {}\n';
    return `\n${entries.map(([key, each]) => `${indent}${scalar(key)}:${block(each, `${indent}  `)}`).join('')}`;
  }
  return ` ${scalar(value)}\n`;
}

/** A list's item begins on the line of its dash. */
function item(value: unknown, indent: string): string {
  return block(value, indent).replace(/^\n\s*/, ' ');
}

function scalar(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  return /^[A-Za-z_][\w./-]*$/.test(value) && !NO_TEXT.test(value) ? value : JSON.stringify(value);
}
