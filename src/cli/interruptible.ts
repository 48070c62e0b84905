/** Does a piece of work that looks itself, from time to time, whether ctrl-C was pressed meanwhile. */
export async function interruptible<T>(work: (interrupted: () => boolean) => Promise<T>): Promise<T> {
  let pressed = false;
  const interrupt = () => {
    pressed = true;
  };
  process.once('SIGINT', interrupt);
  try {
    return await work(() => pressed);
  } finally {
    process.off('SIGINT', interrupt);
  }
}
