/** The first answer that is not undefined within the time, asked every `everyMs`; undefined: there was none. */
export async function eventually<T>(
  ask: () => T | undefined | Promise<T | undefined>,
  withinMs: number,
  everyMs = 50,
): Promise<T | undefined> {
  const untilMs = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > untilMs) return undefined;
    await passes(everyMs);
  }
}

export function passes(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
