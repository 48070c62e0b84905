import type { AclMessage, MessageDraft } from '../../protocol/acl.ts';
import type { AgentId } from '../../protocol/ids.ts';
import { BookingAnswerSchema } from '../../protocol/placement.ts';
import type { Handling } from './initiator.ts';
import type { SiteNews } from './site-news.ts';

/** The longest wait before an owner is told again. */
const LONGEST_MS = 5_000;
/** An owner that has not answered so often is given up: what it keeps for us it has to be asked about when it is back. */
const MAX_TRIES = 100;

export interface ReleaseSpec {
  readonly booking: string;
  readonly conversationId: string;
  readonly owners: readonly AgentId[];
  readonly replyWithinMs: number;
  /** Ids of units and links of the service; absent: the whole booking. */
  readonly only?: readonly string[];
}

/** Gives up a booking at its owners: says so until each has answered. */
export class BookingRelease {
  readonly spec: ReleaseSpec;
  readonly #news: SiteNews;
  readonly #left: Set<AgentId>;
  #tries = 0;
  deadlineMs = Number.POSITIVE_INFINITY;

  constructor(spec: ReleaseSpec, news: SiteNews) {
    this.spec = spec;
    this.#news = news;
    this.#left = new Set(spec.owners);
  }

  get over(): boolean {
    return this.#left.size === 0 || this.#tries > MAX_TRIES;
  }

  /** Owners that have not answered. */
  get silent(): readonly AgentId[] {
    return [...this.#left];
  }

  open(nowMs: number, out: MessageDraft[]): void {
    const { booking, conversationId, replyWithinMs, only } = this.spec;
    if (++this.#tries > MAX_TRIES) {
      this.deadlineMs = Number.POSITIVE_INFINITY;
      return;
    }
    this.deadlineMs = nowMs + Math.min(LONGEST_MS, replyWithinMs * 2 ** Math.min(10, this.#tries - 1));
    for (const receiver of this.#left) {
      out.push({
        performative: 'cancel',
        receiver,
        conversationId,
        protocol: 'fipa-iterated-contract-net',
        replyByMs: this.deadlineMs,
        content: only === undefined ? { booking } : { booking, only: [...only] },
      });
    }
  }

  onMessage(message: AclMessage): Handling {
    const parsed = BookingAnswerSchema.safeParse(message.content);
    if (!parsed.success) return 'malformed';
    const { booking, state, digest } = parsed.data;
    this.#news.learn(digest);
    // A hold that was refused may have been taken after all when it came a second time: only the release itself counts.
    if (booking !== this.spec.booking || state !== 'released') return 'late';
    return this.#left.delete(message.sender) ? 'handled' : 'duplicate';
  }

  onTime(nowMs: number, out: MessageDraft[]): void {
    if (nowMs >= this.deadlineMs && !this.over) this.open(nowMs, out);
  }
}
