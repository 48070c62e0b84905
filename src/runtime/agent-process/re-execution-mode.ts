import type { Socket } from 'node:net';
import { lines } from '../../adapters/channel/line-channel.ts';
import { MAX_CONTROL_CHARS } from '../../protocol/agent-control.ts';
import type { FromReExecutor, ToReExecutor } from '../../protocol/decision-disclosure.ts';
import { MOST_PARTS, ToReExecutorSchema } from '../../protocol/decision-disclosure.ts';
import { judgeDisclosure } from '../decisions/judge-disclosure.ts';

/** The program as a verifier runs it beside its agents: no keys, no daemon; it executes again what another instance has decided. */
export function serveReExecution(control: Socket): void {
  let parts: Buffer[] = [];
  const channel = lines(control, {
    maxChars: MAX_CONTROL_CHARS,
    onMessage: (input) => {
      const parsed = ToReExecutorSchema.safeParse(input);
      // Whoever verifies makes no mistakes that could be answered.
      if (parsed.success) take(parsed.data);
      else process.exit(1);
    },
    onClose: () => process.exit(0),
  });
  const send = (message: FromReExecutor): void => {
    channel.send(message);
  };
  const take = (message: ToReExecutor): void => {
    const { request } = message;
    if (message.kind === 'part') {
      if (message.first) parts = [];
      parts.push(Buffer.from(message.part, 'base64'));
      if (parts.length > MOST_PARTS) process.exit(1);
      send({ kind: 'taken', request });
      return;
    }
    const packed = Buffer.concat(parts);
    parts = [];
    send({ kind: 'appraised', request, findings: judgeDisclosure(message, packed) });
  };
  send({ kind: 'ready' });
}
