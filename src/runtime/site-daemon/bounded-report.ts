import type { FromGuard, FromSite } from '../../protocol/site-control.ts';

/** What may wait for a supervisor that does not keep up before telemetry and refusals are left out, characters. */
const MOST_WAITING_CHARS = 64 * 1024 * 1024;
/** Of a message without telemetry: envelope and reason. */
const SMALL_CHARS = 500;

/**
 * Reports to the supervisor without letting one agent that talks without end fill this process's memory, and so end its whole
 * site. What commands and guards say is never left out: the fence and the ledger bound how much that is.
 */
export function boundedReport<Message extends FromSite | FromGuard>(
  send: (message: Message, done: () => void) => void,
): (message: Message) => void {
  let waiting = 0;
  return (message) => {
    const size = SMALL_CHARS + (message.kind === 'telemetry' ? message.sealed.length : 0);
    const mayBeLeftOut = message.kind === 'telemetry' || message.kind === 'refused' || message.kind === 'log';
    if (mayBeLeftOut && waiting + size > MOST_WAITING_CHARS) return;
    waiting += size;
    send(message, () => {
      waiting -= size;
    });
  };
}
