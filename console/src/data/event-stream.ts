import { createParser } from 'eventsource-parser';
import { OURS } from './ask.ts';

export interface StreamEvent {
  /** 'message' where the server gives none. */
  readonly name: string;
  readonly data: string;
  /** Of the newest event that had one; absent: none had. */
  readonly id: string | undefined;
}

/** Someone who is not let in, or a stream that is not there. */
export class StreamRefused extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`it answers ${status}`);
    this.status = status;
  }
}

/**
 * Server-sent events of a path, until the server ends them. A browser's own EventSource takes twice the time for a long journal, and
 * does not say why it was refused. @throws StreamRefused; TypeError when it is cut off; AbortError.
 */
export async function readEvents(
  path: string,
  signal: AbortSignal,
  take: (event: StreamEvent) => void,
): Promise<void> {
  const answer = await fetch(path, { headers: { ...OURS, accept: 'text/event-stream' }, signal });
  if (!answer.ok || answer.body === null) throw new StreamRefused(answer.status);
  const parser = createParser({
    onEvent: ({ event = 'message', data, id }) => take({ name: event, data, id }),
  });
  const reader = answer.body.getReader();
  const decoder = new TextDecoder();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    parser.feed(decoder.decode(value, { stream: true }));
  }
}
