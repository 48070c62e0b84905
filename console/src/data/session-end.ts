const listeners = new Set<() => void>();

/** Told when Muster does not know this browser's session any more. Answers how to hear no more of it. */
export function onSessionEnd(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Muster has asked for a token: whoever was in is out. */
export function sessionHasEnded(): void {
  for (const listener of listeners) listener();
}
