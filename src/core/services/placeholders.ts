/** What the orchestrator fills in by itself: the address of the management interface. */
export const MANAGEMENT_ADDRESS = 'rw_mgmt_ip';

const BACKENDS = /^backends\.([A-Za-z0-9_.-]+)\.(\d{1,5})$/;

/** `backends.MEMBER.PORT`: the units of that member that run, as `address:port` with commas between; undefined: another name. */
export function readBackends(name: string): { readonly member: string; readonly port: number } | undefined {
  const [, member, port] = BACKENDS.exec(name) ?? [];
  return member === undefined ? undefined : { member, port: Number(port) };
}

/** Whether nobody has to give it a value. */
export const fillsItself = (name: string): boolean =>
  name === MANAGEMENT_ADDRESS || readBackends(name) !== undefined;

/** All names between `<` and `>` in a value; each once. */
export function namesIn(text: string): readonly string[] {
  return [...new Set([...text.matchAll(/<([A-Za-z_][\w.-]{0,63})>/g)].flatMap(([, name]) => name ?? []))];
}

/** Names between `<` and `>` in a value that somebody has to give a value first; each once. */
export function placeholdersIn(text: string): readonly string[] {
  return namesIn(text).filter((name) => !fillsItself(name));
}
