/** Forgets what is kept by service, where keys begin with its id, of all others than these; ids have neither space nor slash. */
export function forgetOthers(
  kept: { keys(): IterableIterator<string>; delete(key: string): boolean },
  stays: ReadonlySet<string>,
): void {
  for (const key of [...kept.keys()]) if (!stays.has(serviceOf(key))) kept.delete(key);
}

/** The service that a key begins with. */
export function serviceOf(key: string): string {
  return key.split(/[ /]/, 1)[0] ?? key;
}
