import type { FastifyReply, FastifyRequest } from 'fastify';

/** Entries that a reader who does not read may have waiting, bytes. */
const MOST_UNREAD_BYTES = 8 * 1024 * 1024;
/** Entries in one event of a reader that takes them in batches. */
const BATCH = 1000;
/** A reader that hears nothing for longer knows that it is cut off. */
const HEARTBEAT_MS = 5000;

/** A journal that grows; entries have numbers that follow one another. */
export interface JournalFeed {
  /** Of the first that is still there, or of the next to come. */
  firstSeq(): number;
  /** Texts of entries after `seq`, in order. */
  after(seq: number): readonly string[];
  /** Absent: it does not grow any more. */
  listen?(listener: (seq: number, text: string) => void): () => void;
  /** Resolves once it does not grow any more; absent: it has no end. */
  readonly ended?: Promise<void>;
}

/**
 * The journal as server-sent events, from Last-Event-ID on (or `after`, for a first request). With `batch=1` an event holds a JSON
 * array of entries, its id being the number of the last; else it is one entry. `event: complete`: there will be no more.
 */
export function streamJournal(request: FastifyRequest, reply: FastifyReply, feed: JournalFeed): void {
  const query = request.query as { readonly after?: unknown; readonly batch?: unknown };
  const inBatches = query.batch === '1';
  const asked = Number(request.headers['last-event-id'] ?? query.after ?? 0);
  const after = Number.isSafeInteger(asked) && asked > 0 ? asked : 0;
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const write = (text: string): void => {
    if (raw.writableLength > MOST_UNREAD_BYTES) raw.destroy();
    else raw.write(text);
  };
  const sendAll = async (firstSeq: number, texts: readonly string[]): Promise<void> => {
    const size = inBatches ? BATCH : 1;
    for (let from = 0; from < texts.length && !raw.destroyed; from += size) {
      const some = texts.slice(from, from + size);
      const seq = firstSeq + from + some.length - 1;
      const fits = raw.write(`id: ${seq}\ndata: ${inBatches ? `[${some.join(',')}]` : some[0]}\n\n`);
      // What is there already is given as fast as it is read.
      if (!fits) await drained(raw);
    }
  };
  void follow(feed, after, write, sendAll, inBatches).then((unlisten) => {
    const beat = setInterval(
      () => write(inBatches ? 'event: here\ndata: {}\n\n' : ': here\n\n'),
      HEARTBEAT_MS,
    );
    const end = () => {
      clearInterval(beat);
      unlisten();
    };
    if (raw.destroyed) end();
    else raw.on('close', end);
  });
}

async function follow(
  feed: JournalFeed,
  after: number,
  write: (text: string) => void,
  sendAll: (firstSeq: number, texts: readonly string[]) => Promise<void>,
  inBatches: boolean,
): Promise<() => void> {
  let seq = after;
  // Who comes too late is told so, and goes on with what there is.
  const first = feed.firstSeq();
  if (first > seq + 1) {
    write(`event: dropped\ndata: ${JSON.stringify({ from: seq + 1, to: first - 1 })}\n\n`);
    seq = first - 1;
  }
  for (;;) {
    const texts = feed.after(seq);
    if (texts.length === 0) break;
    await sendAll(seq + 1, texts);
    seq += texts.length;
  }
  const complete = () => write('event: complete\ndata: {}\n\n');
  if (feed.listen === undefined) {
    complete();
    return () => {};
  }
  void feed.ended?.then(complete);
  return feed.listen((number, text) => write(`id: ${number}\ndata: ${inBatches ? `[${text}]` : text}\n\n`));
}

function drained(raw: NodeJS.WritableStream & { readonly destroyed?: boolean }): Promise<void> {
  return new Promise((resolve) => {
    const on = () => {
      raw.off('drain', on);
      raw.off('close', on);
      resolve();
    };
    raw.on('drain', on);
    raw.on('close', on);
  });
}
