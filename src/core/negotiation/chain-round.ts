import type { AclMessage, MessageDraft } from '../../protocol/acl.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { ChainAnswer, ScarcityWeights, UnitTask } from '../../protocol/placement.ts';
import type { RoundAnswer } from '../placement/chain-search.ts';
import type { Handling } from './initiator.ts';
import { readAnswer } from './read-contents.ts';
import type { SiteNews } from './site-news.ts';

/** The agent that keeps a site's book. */
export interface SiteAgent {
  readonly site: string;
  readonly agent: AgentId;
}

export interface RoundSpec {
  readonly conversationId: string;
  readonly service: string;
  readonly round: number;
  readonly weights: ScarcityWeights;
  readonly explain: boolean;
  readonly tasks: readonly UnitTask[];
  readonly participants: readonly SiteAgent[];
  readonly replyWithinMs: number;
  readonly tries: number;
}

/** One round of an iterated Contract Net: cfp to all, propose or refuse from each; who is silent is asked again, `tries` times in all. */
export class ChainRound {
  readonly spec: RoundSpec;
  readonly #news: SiteNews;
  readonly #sites: ReadonlyMap<AgentId, string>;
  readonly #answers = new Map<AgentId, ChainAnswer>();
  readonly #told = new Map<AgentId, number>();
  /** Those who have not answered, and may. */
  readonly #awaited: Set<AgentId>;
  #tries = 0;
  over = false;
  deadlineMs = Number.POSITIVE_INFINITY;

  constructor(spec: RoundSpec, news: SiteNews) {
    this.spec = spec;
    this.#news = news;
    this.#sites = new Map(spec.participants.map(({ agent, site }) => [agent, site]));
    this.#awaited = new Set(this.#sites.keys());
  }

  open(nowMs: number, out: MessageDraft[]): void {
    const { conversationId, service, round, weights, explain, replyWithinMs } = this.spec;
    const tasks = [...this.spec.tasks];
    this.#tries++;
    this.deadlineMs = nowMs + replyWithinMs;
    // One content for all who are told the same news: it is parsed once in a process.
    const contents = new Map<unknown, MessageDraft['content']>();
    for (const receiver of this.#awaited) {
      const news = this.#news.for(receiver);
      this.#told.set(receiver, news.seq);
      const content = contents.get(news) ?? {
        service,
        round,
        weights,
        ...(explain ? { explain } : {}),
        tasks,
        news: news.digests,
      };
      contents.set(news, content);
      out.push({
        performative: 'cfp',
        receiver,
        conversationId,
        protocol: 'fipa-iterated-contract-net',
        replyByMs: this.deadlineMs,
        content,
      });
    }
    if (this.#sites.size === 0) this.#end();
  }

  onMessage(message: AclMessage): Handling {
    if (!this.#sites.has(message.sender)) return 'wrong-sender';
    const answer = readAnswer(message.content);
    if (answer === undefined) return 'malformed';
    const { round, digest } = answer;
    if (digest !== undefined) this.#news.learn(digest, message.sender);
    if (round !== this.spec.round || this.over) return 'late';
    if (this.#answers.has(message.sender)) return 'duplicate';
    this.#answers.set(message.sender, answer);
    this.#news.answered(message.sender, this.#told.get(message.sender) ?? 0);
    this.#awaited.delete(message.sender);
    if (this.#awaited.size === 0) this.#end();
    return 'handled';
  }

  onTime(nowMs: number, out: MessageDraft[]): void {
    if (this.over || nowMs < this.deadlineMs) return;
    if (this.#tries < this.spec.tries) this.open(nowMs, out);
    else this.#end();
  }

  answers(): readonly RoundAnswer[] {
    return [...this.#sites].map(([agent, site]) => ({ site, answer: this.#answers.get(agent) }));
  }

  /** Nobody waits for these any longer. */
  without(agents: readonly AgentId[]): void {
    for (const agent of agents) this.#awaited.delete(agent);
    if (!this.over && this.#awaited.size === 0) this.#end();
  }

  /** Sites that have not answered after all tries, and need not be asked in the rounds that follow. */
  silent(): readonly string[] {
    return [...this.#sites].flatMap(([agent, site]) => (this.#answers.has(agent) ? [] : [site]));
  }

  /** Those that have offered something. */
  bidders(): readonly AgentId[] {
    return [...this.#answers].flatMap(([agent, { bids }]) => (bids.length > 0 ? [agent] : []));
  }

  #end(): void {
    this.over = true;
    this.deadlineMs = Number.POSITIVE_INFINITY;
  }
}
