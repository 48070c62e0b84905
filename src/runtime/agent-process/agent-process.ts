import type { PeerRecord, ToAgent } from '../../protocol/agent-control.ts';
import type { Hex } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import { sealNewEpoch } from './epoch-envelope.ts';
import type { RunningAgentOptions } from './running-agent.ts';
import { RunningAgent } from './running-agent.ts';

/**
 * One agent in a process of its own. It thinks from the moment on at which its guard says that it is attested, the daemon of its
 * site has taken it in, and it holds the group's key; not before.
 */
export class AgentProcess {
  readonly #options: RunningAgentOptions;
  #running: RunningAgent | undefined;

  constructor(options: RunningAgentOptions) {
    this.#options = options;
  }

  take(message: ToAgent): void {
    const running = this.#running;
    switch (message.kind) {
      case 'start':
        this.#running ??= new RunningAgent(message.config, this.#options);
        return;
      case 'peers':
        running?.setPeers(message.peers);
        return;
      case 'epoch':
        void running?.takeEpoch(message);
        return;
      case 'seal-epoch':
        void this.#sealEpoch(message.request, message.context, message.peers);
        return;
      case 'evidence':
        this.#options.send({
          kind: 'evidence',
          request: message.request,
          decisionHead: running?.head() ?? ZERO,
        });
        return;
      case 'clock':
        running?.setZero(BigInt(message.zeroNs));
        return;
      case 'agents':
        running?.setAgents(message.agents);
        return;
      case 'settled':
        running?.settle(message.head);
        return;
      case 'disclose':
        void running?.disclose(message);
        return;
      case 'ping':
        this.#options.send({ kind: 'pong', request: message.request });
        return;
      default:
        message satisfies never;
    }
  }

  async #sealEpoch(request: number, context: Hex, peers: readonly PeerRecord[]): Promise<void> {
    const envelopes = await sealNewEpoch(context, peers);
    this.#options.send({ kind: 'epoch-sealed', request, envelopes });
  }
}
