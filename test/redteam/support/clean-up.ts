const left: (() => Promise<void> | void)[] = [];

/** To be undone when the red team ends, however it ends; the last first. */
export function onEnd(undo: () => Promise<void> | void): void {
  left.push(undo);
}

/** Undoes all of it once. */
export async function cleanUp(): Promise<void> {
  for (let undo = left.pop(); undo !== undefined; undo = left.pop()) {
    try {
      await undo();
    } catch (error) {
      process.stderr.write(
        `redteam: left behind: ${error instanceof Error ? error.message : String(error)}\n`,
      );
    }
  }
}
