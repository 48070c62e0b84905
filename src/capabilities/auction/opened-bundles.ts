import { z } from 'zod';
import type { AuctionTerms, GoalOutcome } from '../../core/bdi/goal.ts';
import { goalType } from '../../core/bdi/goal.ts';
import type { NegotiationHost } from '../../core/bdi/negotiation-module.ts';
import type { Cause } from '../../core/bdi/trace.ts';
import type {
  BundleOutcome,
  BundleOutput,
  BundleSnapshot,
  BundleSpec,
} from '../../core/negotiation/bundle-initiator.ts';
import { BundleInitiator } from '../../core/negotiation/bundle-initiator.ts';
import type { ConversationMemory } from '../../core/negotiation/conversations.ts';
import { Conversations } from '../../core/negotiation/conversations.ts';
import type { Directory } from '../../core/negotiation/directory.ts';
import type { Handling } from '../../core/negotiation/initiator.ts';
import type { AclMessage } from '../../protocol/acl.ts';
import type { AuctionedGoal } from '../../protocol/contract-net.ts';
import type { AgentId } from '../../protocol/ids.ts';
import { JsonSchema } from '../../protocol/json.ts';
import type { PartTerms } from './open-request.ts';
import type { OpenedAuctions } from './opened-auctions.ts';
import { bundleBids } from './traced-bids.ts';

/** What an auction answers whoever waits for it, as far as it is of use here. */
const AuctionValueSchema = z.object({ holder: z.string(), result: JsonSchema });
type Result = z.infer<typeof AuctionValueSchema>;

interface Bundle {
  readonly machine: BundleInitiator;
  readonly token: number;
  readonly terms: PartTerms;
  entry: Cause;
  /** Of each goal once it is reached. */
  results: (Result | undefined)[];
  /** Goals that are auctioned again, each alone, by the token of that auction. */
  readonly again: Map<number, number>;
  /** Why goals are left; '' as long as none is. */
  why: string;
}

export interface BundlesSnapshot {
  readonly opened: number;
  readonly lastPart: number;
  readonly bundles: readonly (Omit<Bundle, 'machine'> & {
    readonly spec: BundleSpec;
    readonly machine: BundleSnapshot;
  })[];
  readonly memory: ConversationMemory;
}

/** Auctions of several goals together that this agent has opened; what a failing winner leaves is auctioned again goal by goal. */
export class OpenedBundles {
  opened = 0;
  readonly #directory: Directory;
  readonly #auctions: OpenedAuctions;
  readonly #table = new Conversations<Bundle>();
  /** By the token of the goal that waits for it, and by those of its goals that are auctioned again. */
  readonly #byToken = new Map<number, Bundle>();
  /** Tokens of auctions for single goals count downwards from here: those of the engine are positive. */
  #lastPart = 0;

  constructor(directory: Directory, auctions: OpenedAuctions) {
    this.#directory = directory;
    this.#auctions = auctions;
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
    { bidWithinMs, completeWithinMs }: AuctionTerms,
    because: Cause,
    host: NegotiationHost,
  ): void {
    const conversationId = `${host.self}.${token}`;
    this.#table.forget(host.nowMs, () => false);
    const offering = goals.flatMap((goal) => this.#directory.search(goal.type, { salt: conversationId }));
    const participants = [...new Set(offering)].sort((a, b) => (a < b ? -1 : 1));
    const replyByMs = host.nowMs + bidWithinMs;
    const machine = new BundleInitiator({ conversationId, goals, participants, replyByMs, completeWithinMs });
    const terms = { bidWithinMs, completeWithinMs };
    const results = goals.map(() => undefined);
    const bundle: Bundle = { machine, token, terms, entry: because, results, again: new Map(), why: '' };
    this.opened++;
    this.#table.add(conversationId, bundle, machine.deadlineMs);
    this.#byToken.set(token, bundle);
    const asked = `${goals.length} goals put out together to ${participants.length} agents`;
    this.#note(bundle, 'opened', asked, host);
    const out: BundleOutput[] = [];
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

  /** Nobody waits for its outcome any more. */
  abort(token: number, reason: string, host: NegotiationHost): void {
    const bundle = this.#byToken.get(token);
    if (bundle === undefined) return;
    const out: BundleOutput[] = [];
    bundle.machine.cancel(reason, out);
    this.#deliver(bundle, out, host);
    for (const part of [...bundle.again.keys()]) this.#auctions.abort(part, reason, host);
  }

  /** The auction of a single goal that was left has ended. */
  partEnded(part: number, outcome: GoalOutcome, because: Cause, host: NegotiationHost): void {
    const bundle = this.#byToken.get(part);
    const goal = bundle?.again.get(part);
    if (bundle === undefined || goal === undefined) return;
    this.#byToken.delete(part);
    bundle.again.delete(part);
    bundle.entry = because || bundle.entry;
    const won = outcome.ok ? AuctionValueSchema.safeParse(outcome.value) : undefined;
    if (won?.success === true) bundle.results[goal] = won.data;
    const why = outcome.ok ? 'its result could not be read' : outcome.error;
    if (won?.success !== true) bundle.why = `${bundle.why}; ${typeOf(bundle, goal)}: ${why}`;
    this.#endIfOver(bundle, host);
  }

  snapshot(): BundlesSnapshot {
    const bundles = [...this.#table.values()].map(({ machine, ...rest }) => ({
      ...rest,
      spec: machine.spec,
      machine: machine.snapshot(),
    }));
    return { opened: this.opened, lastPart: this.#lastPart, bundles, memory: this.#table.memory() };
  }

  restore({ opened, lastPart, bundles, memory }: BundlesSnapshot): void {
    this.opened = opened;
    this.#lastPart = lastPart;
    const ended = new Set(memory.ended.map((each) => each.id));
    for (const { spec, machine: from, ...rest } of bundles) {
      const bundle: Bundle = { ...rest, machine: new BundleInitiator(spec, from) };
      this.#table.add(spec.conversationId, bundle, bundle.machine.deadlineMs);
      if (ended.has(spec.conversationId)) continue;
      this.#byToken.set(bundle.token, bundle);
      for (const part of bundle.again.keys()) this.#byToken.set(part, bundle);
    }
    this.#table.recall(memory);
  }

  #deliver(bundle: Bundle, out: readonly BundleOutput[], host: NegotiationHost): void {
    const { machine } = bundle;
    for (const output of out) {
      switch (output.kind) {
        case 'send':
          host.send(output.message, [bundle.entry]);
          break;
        case 'awarded': {
          const taken = output.taken.map(({ bidder, goals }) => `${bidder} ${namesOf(bundle, goals)}`);
          const cheapest = `cheapest in all at ${output.price.toFixed(4)}`;
          this.#note(bundle, 'awarded', `${taken.join(', ')}: ${cheapest}`, host);
          break;
        }
        case 'closed':
          this.#close(bundle, output.outcome, host);
          break;
        default:
          output satisfies never;
      }
    }
    this.#table.setDeadline(bundle, machine.deadlineMs);
  }

  #close(bundle: Bundle, outcome: BundleOutcome, host: NegotiationHost): void {
    if (outcome.kind === 'failed') {
      bundle.why = outcome.reason;
      this.#endIfOver(bundle, host);
      return;
    }
    bundle.results = [...outcome.results];
    if (outcome.kind === 'partly') {
      bundle.why = outcome.reason;
      const left = outcome.left.map(({ goal }) => typeOf(bundle, goal)).join(', ');
      this.#note(bundle, 'opened', `${outcome.reason}; put out again one by one: ${left}`, host);
      const parts = outcome.left.map((each) => ({ ...each, part: --this.#lastPart }));
      // All are known before the first is opened: it may end at once, and is then not the last.
      for (const { part, goal } of parts) {
        bundle.again.set(part, goal);
        this.#byToken.set(part, bundle);
      }
      for (const { part, goal, lostBy } of parts) this.#openPart(bundle, part, goal, lostBy, host);
    } else this.#endIfOver(bundle, host);
  }

  /** Puts one goal out to auction alone, to all but the one that had won it. */
  #openPart(bundle: Bundle, token: number, number: number, lostBy: AgentId, host: NegotiationHost): void {
    const { spec } = bundle.machine;
    const goal = spec.goals[number];
    if (goal === undefined) return;
    const conversation = `${spec.conversationId}.${number}`;
    const only = this.#directory.search(goal.type, { salt: conversation }).filter((each) => each !== lostBy);
    const known = host.model.goals.get(goal.type)?.[0]?.decl.goal;
    this.#auctions.open(
      {
        token,
        goal: known ?? goalType(goal.type, 'achieve'),
        args: goal.args,
        terms: bundle.terms,
        because: bundle.entry,
        conversation,
        only,
        lost: [lostBy],
        again: bundle.why,
      },
      host,
    );
  }

  /** Ends it once nothing is under way any more: reached is what all goals of which are reached. */
  #endIfOver(bundle: Bundle, host: NegotiationHost): void {
    const { machine, token, results, again, why } = bundle;
    if (again.size > 0) return;
    this.#table.end(machine.spec.conversationId, bundle, host.nowMs);
    this.#byToken.delete(token);
    const reached = results.flatMap((each) => each ?? []);
    if (reached.length === results.length) {
      const holders = [...new Set(reached.map((each) => each.holder))].join(', ');
      this.#note(bundle, 'completed', `all reached by ${holders}`, host);
      const value = {
        award: machine.spec.conversationId,
        results: reached.map(({ holder, result }) => ({ holder, result })),
      };
      host.resolve(token, { ok: true, value }, bundle.entry);
      return;
    }
    const left = results.flatMap((each, goal) => (each === undefined ? [typeOf(bundle, goal)] : []));
    const error = reached.length === 0 ? why : `${why}; left: ${left.join(', ')}`;
    this.#note(bundle, 'failed', error, host);
    host.resolve(token, { ok: false, error }, bundle.entry);
  }

  #note(
    bundle: Bundle,
    status: 'opened' | 'awarded' | 'completed' | 'failed',
    reason: string,
    host: NegotiationHost,
  ): void {
    if (!host.tracing) return;
    const { spec, records } = bundle.machine;
    const answers = records.map((each) => each.messageId).filter((id) => id !== '');
    const winners = records.filter((each) => each.won).map((each) => each.bidder);
    bundle.entry = host.trace([bundle.entry, ...answers], {
      kind: 'auction',
      auction: spec.conversationId,
      goal: spec.goals.map((goal) => goal.type).join(' + '),
      status,
      participants: [...spec.participants],
      bids: bundleBids(records),
      winner: winners.length === 0 ? null : winners.join(', '),
      reserve: null,
      reason,
    });
  }
}

function typeOf({ machine }: Bundle, goal: number): string {
  return machine.spec.goals[goal]?.type ?? String(goal);
}

function namesOf(bundle: Bundle, goals: readonly number[]): string {
  return goals.map((goal) => typeOf(bundle, goal)).join(' + ');
}
