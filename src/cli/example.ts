/** How a command is used, for the end of its help text. */
export function example(...lines: readonly string[]): string {
  const title = lines.length === 1 ? 'Example' : 'Examples';
  return `\n${title}:\n${lines.map((line) => `  $ bin/${line}\n`).join('')}`;
}
