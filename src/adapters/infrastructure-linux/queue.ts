/** Does one thing after the other, in the order in which they were asked for; one that fails does not keep back the next. */
export function createQueue(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work, work);
    last = mine.catch(() => undefined);
    return mine;
  };
}

/** A queue for each name; those of different names do not wait for one another. */
export function createQueues(): <T>(name: string, work: () => Promise<T>) => Promise<T> {
  const queues = new Map<string, { run: ReturnType<typeof createQueue>; waiting: number }>();
  return async (name, work) => {
    const queue = queues.get(name) ?? { run: createQueue(), waiting: 0 };
    queues.set(name, queue);
    queue.waiting++;
    try {
      return await queue.run(work);
    } finally {
      queue.waiting--;
      if (queue.waiting === 0) queues.delete(name);
    }
  };
}
