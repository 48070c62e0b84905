/** What the orchestrator fills in by itself: the address of the management interface. */
export const MANAGEMENT_ADDRESS = 'rw_mgmt_ip';

/** Names between `<` and `>` in a value that somebody has to give a value first; each once. */
export function placeholdersIn(text: string): readonly string[] {
  const names = [...text.matchAll(/<([A-Za-z_][\w.-]{0,63})>/g)].flatMap(([, name]) => name ?? []);
  return [...new Set(names)].filter((name) => name !== MANAGEMENT_ADDRESS);
}
