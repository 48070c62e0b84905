import type { Socket } from 'node:net';
import { lines } from '../../adapters/channel/line-channel.ts';
import { newKemKey } from '../../adapters/keys/kem-key.ts';
import { newSigningKey } from '../../adapters/keys/signing-key.ts';
import type { FromAgent } from '../../protocol/agent-control.ts';
import { MAX_CONTROL_CHARS, ToAgentSchema } from '../../protocol/agent-control.ts';
import { AgentProcess } from './agent-process.ts';

/** The program as a guard runs it: one agent, with keys that it draws now. `daemon`: its connection to the daemon of the site. */
export async function serveAgent(stream: Socket, daemon: Socket): Promise<void> {
  const signingKey = newSigningKey();
  const kemKey = await newKemKey();
  const control = lines(stream, {
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
  const agent = new AgentProcess({ signingKey, kemKey, daemon, send });
  send({ kind: 'hello', kemKey: kemKey.publicKey, frameKey: signingKey.publicKey });
}
