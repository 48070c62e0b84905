import type { FastifyReply, FastifyRequest } from 'fastify';
import { isStillLetIn } from '../access/require-caller.ts';

/** Entries that a reader who does not read may have waiting, bytes. */
const MOST_UNREAD_BYTES = 8 * 1024 * 1024;
/** Entries in one event of a reader that takes them in batches. */
const BATCH = 1000;
/** A reader that hears nothing for longer knows that it is cut off. */
const HEARTBEAT_MS = 5000;
/** Who is not let in any more hears nothing after so long. */
const ASKED_AGAIN_MS = 2500;

/** To readers in batches, who cannot see comments. */
const HERE = 'event: here\ndata: {}\n\n';

/** How long a browser waits until it asks again. */
const AGAIN_AFTER_MS = 1000;

/** A journal that grows; entries have numbers that follow one another. */
export interface JournalFeed {
  /** Tells it from one that began anew under the same address: its numbers start again. No dots in it. */
  readonly life: string;
  /** Of the first that is still there, or of the next to come. */
  firstSeq(): number;
  /** Texts of entries after `seq`, in order. */
  after(seq: number): readonly string[];
  /** Absent: it does not grow any more. */
  listen?(listener: (seq: number, text: string) => void): () => void;
  /** Resolves once it does not grow any more; absent: it has no end. `replaced`: another has its address now, who asks again gets that. */
  readonly ended?: Promise<'complete' | 'replaced'>;
}

/**
 * The journal as server-sent events, from Last-Event-ID on (or `after`, for a first request). With `batch=1` an event holds a JSON
 * array of entries, its id being that of the last; else it is one entry. An id is the life of the journal and the number of the entry;
 * who comes with that of another life is told so by `event: anew` and gets all from the beginning. `event: complete`: there will be no more.
 * It ends when its reader's token is revoked, or the session is over.
 */
export function streamJournal(request: FastifyRequest, reply: FastifyReply, feed: JournalFeed): void {
  const query = request.query as { readonly after?: unknown; readonly batch?: unknown };
  const inBatches = query.batch === '1';
  const asked = lastReadOf(request.headers['last-event-id'] ?? query.after);
  const isAnew = asked.life !== undefined && asked.life !== feed.life;
  const after = isAnew ? 0 : asked.seq;
  reply.hijack();
  const { raw } = reply;
  // Gone while its request was looked at: it is told of no close any more.
  if (raw.destroyed) return;
  raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const write = (text: string): void => {
    if (raw.writableLength > MOST_UNREAD_BYTES) raw.destroy();
    else raw.write(text);
  };
  const guard = setInterval(() => {
    void isStillLetIn(request).then((isIn) => {
      if (!isIn) raw.destroy();
    });
  }, ASKED_AGAIN_MS);
  raw.on('close', () => clearInterval(guard));
  write(`retry: ${AGAIN_AFTER_MS}\n${isAnew ? 'event: anew\ndata: {}\n' : ''}\n`);
  const sendAll = async (firstSeq: number, texts: readonly string[]): Promise<void> => {
    const size = inBatches ? BATCH : 1;
    for (let from = 0; from < texts.length && !raw.destroyed; from += size) {
      const some = texts.slice(from, from + size);
      const seq = firstSeq + from + some.length - 1;
      const fits = raw.write(
        `id: ${feed.life}.${seq}\ndata: ${inBatches ? `[${some.join(',')}]` : some[0]}\n\n`,
      );
      // What is there already is given as fast as it is read.
      if (!fits) await drained(raw);
    }
  };
  void follow(feed, after, write, sendAll, inBatches, () => raw.end()).then((unlisten) => {
    const beat = setInterval(() => write(inBatches ? HERE : ': here\n\n'), HEARTBEAT_MS);
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
  leave: () => void,
): Promise<() => void> {
  let seq = after;
  for (;;) {
    // Who comes too late, or reads too slowly, is told so, and goes on with what there is.
    const first = feed.firstSeq();
    if (first > seq + 1) {
      write(`event: dropped\ndata: ${JSON.stringify({ from: seq + 1, to: first - 1 })}\n\n`);
      seq = first - 1;
    }
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
  // All that was there has been given.
  if (inBatches) write(HERE);
  void feed.ended?.then((how) => (how === 'complete' ? complete() : leave()));
  return feed.listen((number, text) =>
    write(`id: ${feed.life}.${number}\ndata: ${inBatches ? `[${text}]` : text}\n\n`),
  );
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

/** What a reader has read last, as it says: an id of an event, or a number alone. */
function lastReadOf(said: unknown): { readonly life: string | undefined; readonly seq: number } {
  const [, life, digits = '0'] =
    /^(?:([\w-]{1,64})\.)?(\d{1,15})$/.exec(typeof said === 'string' ? said : '') ?? [];
  return { life, seq: Number(digits) };
}
