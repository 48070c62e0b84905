import { Socket } from 'node:net';
import { lines } from '../../adapters/channel/line-channel.ts';
import { newKemKey } from '../../adapters/keys/kem-key.ts';
import { newSigningKey } from '../../adapters/keys/signing-key.ts';
import type { FromAgent } from '../../protocol/agent-control.ts';
import { MAX_CONTROL_CHARS, ToAgentSchema } from '../../protocol/agent-control.ts';
import { AgentProcess } from './agent-process.ts';

// First of all: Node opens its inspector on this signal unless somebody listens for it.
process.on('SIGUSR1', () => {});
// Its guard ends it; what a terminal sends to the whole group is not for it.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});

/** Descriptors that the guard has opened for it: to the guard, and to the daemon of the site. */
const CONTROL_FD = 3;
const DAEMON_FD = 4;

const signingKey = newSigningKey();
const kemKey = await newKemKey();
const control = lines(new Socket({ fd: CONTROL_FD, readable: true, writable: true }), {
  maxChars: MAX_CONTROL_CHARS,
  onMessage: (input) => {
    const parsed = ToAgentSchema.safeParse(input);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      send({ kind: 'log', text: `not understood: ${issue?.path.join('.')}: ${issue?.message}` });
      return;
    }
    agent.take(parsed.data);
  },
  // Without its guard it is nobody.
  onClose: () => process.exit(0),
});
const send = (message: FromAgent): void => {
  control.send(message);
};
const daemon = new Socket({ fd: DAEMON_FD, readable: true, writable: true });
const agent = new AgentProcess({ signingKey, kemKey, daemon, send });
send({ kind: 'hello', kemKey: kemKey.publicKey, frameKey: signingKey.publicKey });
