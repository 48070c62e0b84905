import type { NegotiationHost } from '../../core/bdi/negotiation-module.ts';
import type { Cause } from '../../core/bdi/trace.ts';
import type { BundleOutput, BundleSnapshot, BundleSpec } from '../../core/negotiation/bundle-initiator.ts';
import { BundleInitiator } from '../../core/negotiation/bundle-initiator.ts';
import { Conversations } from '../../core/negotiation/conversations.ts';
import type { Directory } from '../../core/negotiation/directory.ts';
import type { Handling } from '../../core/negotiation/initiator.ts';
import type { AclMessage } from '../../protocol/acl.ts';
import type { AuctionedGoal } from '../../protocol/contract-net.ts';
import type { Json } from '../../protocol/journal.ts';

interface Bundle {
  readonly machine: BundleInitiator;
  readonly token: number;
  entry: Cause;
}

export interface BundlesSnapshot {
  readonly opened: number;
  readonly bundles: readonly {
    readonly spec: BundleSpec;
    readonly machine: BundleSnapshot;
    readonly token: number;
    readonly entry: Cause;
  }[];
}

/** Auctions of several goals together that this agent has opened. */
export class OpenedBundles {
  opened = 0;
  readonly #directory: Directory;
  readonly #table = new Conversations<Bundle>();

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  nextDeadlineMs(): number {
    return this.#table.earliestMs();
  }

  has(conversation: string): boolean {
    return this.#table.get(conversation) !== undefined;
  }

  open(
    token: number,
    goals: readonly AuctionedGoal[],
    times: Pick<BundleSpec, 'replyByMs' | 'completeWithinMs'>,
    because: Cause,
    host: NegotiationHost,
  ): void {
    const conversationId = `${host.self}.${token}`;
    this.#table.forget(host.nowMs, () => false);
    const offering = goals.flatMap((goal) => this.#directory.search(goal.type, { salt: conversationId }));
    const participants = [...new Set(offering)].sort((a, b) => (a < b ? -1 : 1));
    const machine = new BundleInitiator({ conversationId, goals, participants, ...times });
    const bundle: Bundle = { machine, token, entry: because };
    this.opened++;
    this.#table.add(conversationId, bundle, machine.deadlineMs);
    const out: BundleOutput[] = [];
    this.#note(
      bundle,
      'opened',
      `${goals.length} goals put out together to ${participants.length} agents`,
      host,
    );
    machine.open(out);
    this.#deliver(bundle, out, host);
  }

  onMessage(message: AclMessage, entry: number, host: NegotiationHost): Handling | 'unknown-conversation' {
    const bundle = this.#table.get(message.conversationId);
    if (bundle === undefined) return 'unknown-conversation';
    const out: BundleOutput[] = [];
    const handling = bundle.machine.onMessage(message, host.nowMs, out);
    if (handling === 'handled') bundle.entry = entry || bundle.entry;
    if (out.length > 0) this.#deliver(bundle, out, host);
    return handling;
  }

  onTime(host: NegotiationHost): void {
    for (const bundle of this.#table.due(host.nowMs)) {
      const out: BundleOutput[] = [];
      bundle.machine.onTime(host.nowMs, out);
      this.#deliver(bundle, out, host);
    }
  }

  abort(token: number, reason: string, host: NegotiationHost): void {
    for (const bundle of this.#table.values()) {
      if (bundle.token !== token || bundle.machine.state === 'closed') continue;
      const out: BundleOutput[] = [];
      bundle.machine.cancel(reason, out);
      this.#deliver(bundle, out, host);
      return;
    }
  }

  snapshot(): BundlesSnapshot {
    const bundles = [...this.#table.values()].map(({ machine, token, entry }) => ({
      spec: machine.spec,
      machine: machine.snapshot(),
      token,
      entry,
    }));
    return { opened: this.opened, bundles };
  }

  restore({ opened, bundles }: BundlesSnapshot): void {
    this.opened = opened;
    for (const { spec, machine: from, token, entry } of bundles) {
      const machine = new BundleInitiator(spec, from);
      this.#table.add(spec.conversationId, { machine, token, entry }, machine.deadlineMs);
    }
  }

  #deliver(bundle: Bundle, out: readonly BundleOutput[], host: NegotiationHost): void {
    const { machine, token } = bundle;
    for (const output of out) {
      if (output.kind === 'send') {
        host.send(output.message, [bundle.entry]);
        continue;
      }
      this.#table.end(machine.spec.conversationId, bundle, host.nowMs);
      const { outcome } = output;
      if (outcome.kind === 'completed') {
        const holders = [...new Set(outcome.results.map((each) => each.holder))].join(', ');
        this.#note(bundle, 'completed', `all reached by ${holders}`, host);
        const results: Json = outcome.results.map(({ holder, result }) => ({ holder, result }));
        host.resolve(
          token,
          { ok: true, value: { award: machine.spec.conversationId, results } },
          bundle.entry,
        );
      } else {
        const left =
          outcome.kind === 'partly'
            ? `; left: ${outcome.left.map((goal) => machine.spec.goals[goal]?.type ?? goal).join(', ')}`
            : '';
        this.#note(bundle, 'failed', `${outcome.reason}${left}`, host);
        host.resolve(token, { ok: false, error: `${outcome.reason}${left}` }, bundle.entry);
      }
    }
    if (machine.state !== 'closed') this.#table.setDeadline(bundle, machine.deadlineMs);
  }

  #note(
    bundle: Bundle,
    status: 'opened' | 'completed' | 'failed',
    reason: string,
    host: NegotiationHost,
  ): void {
    if (!host.tracing) return;
    const { spec, records } = bundle.machine;
    bundle.entry = host.trace(
      [bundle.entry, ...records.map((each) => each.messageId).filter((id) => id !== '')],
      {
        kind: 'auction',
        auction: spec.conversationId,
        goal: spec.goals.map((goal) => goal.type).join(' + '),
        status,
        participants: [...spec.participants],
        bids: records
          .filter((each) => each.messageId !== '')
          .map(({ bidder, state, offers }) => ({
            bidder,
            outcome:
              state === 'done' || state === 'awarded' ? 'won' : state === 'refused' ? 'refused' : 'lost',
            price: offers[0]?.price ?? null,
            parts: [],
            reason: offers.map(({ goals, price }) => `{${goals.join()}} at ${price.toFixed(3)}`).join(', '),
          })),
        winner: records.find((each) => each.state === 'done' || each.state === 'awarded')?.bidder ?? null,
        reserve: null,
        reason,
      },
    );
  }
}
