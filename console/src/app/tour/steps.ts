import type { JournalEntry } from '../../../../src/protocol/journal.ts';

export interface TourStep {
  readonly title: string;
  readonly words: string;
  /** What in the journal it is about: the first such entry after that of the step before. */
  isIt(entry: JournalEntry): boolean;
  /** Shown so much later, where it takes time until what the words tell can be seen, ms. */
  readonly laterMs?: number;
  /** The view where it happens. */
  view(entry: JournalEntry): string;
  /** What is lit up there: the part of the view with this `data-tour`. */
  readonly lit: 'traffic' | 'goals' | 'bids' | 'beliefs' | 'why';
}

const isAuctionFor = (entry: JournalEntry, goal: string, status: string): boolean =>
  entry.kind === 'auction' && entry.goal.startsWith(`${goal}(`) && entry.status === status;

const isDone = (entry: JournalEntry, action: string): boolean =>
  entry.kind === 'action' && entry.action === action && entry.status === 'done';

const auctionOf = (entry: JournalEntry): string =>
  entry.kind === 'auction' ? `/auctions/${encodeURIComponent(entry.auction)}` : '/auctions';

const whyOf = ({ id }: JournalEntry): string => `/why/${encodeURIComponent(id)}`;

/** The case of the paper: a flood on a web server, from its first packet to the last source that is blocked. */
export const STEPS: readonly TourStep[] = [
  {
    title: 'Users are served, then the flood begins',
    words:
      'A web server has users, who come over one link. Ten machines among them begin to open connections that they never finish. The chart shows all traffic, that of users, and that of the attack.',
    isIt: (entry) => entry.kind === 'phase' && entry.phase.startsWith('attack '),
    view: () => '/',
    lit: 'traffic',
  },
  {
    title: 'An agent notices that its link carries too much',
    words:
      'The agent that watches the link believes overUsage of it now. It does not know yet whether that is an attack, or merely many users. In its mind you see the belief, what it was measured from, and the goals that follow.',
    isIt: (entry) =>
      entry.kind === 'goal' && entry.goal.startsWith('attackPrevented(') && entry.status === 'generated',
    view: ({ agent }) => `/agents/${encodeURIComponent(agent)}`,
    lit: 'goals',
  },
  {
    title: 'It puts the work out to auction',
    words:
      'It does not choose by itself who limits the link. It calls for proposals, and whoever can do it bids what it would take, by how much room its host has. The cheapest gets it: no orchestrator decides.',
    isIt: (entry) => isAuctionFor(entry, 'linkRateLimited', 'awarded'),
    view: auctionOf,
    lit: 'bids',
  },
  {
    title: 'The link is limited, at once',
    words:
      'The winner limits the link, so that the server stays reachable while others find out what is going on. Here is why it did so: back from the action, over the auction, to what was measured.',
    isIt: (entry) => isDone(entry, 'limit-link'),
    view: whyOf,
    lit: 'why',
  },
  {
    title: 'Another agent tells an attack from a crowd',
    words:
      'An agent that knows about anomalies has looked where the packets go, and how many connections are never finished. It believes now that one server is under attack.',
    isIt: (entry) =>
      entry.kind === 'belief' && entry.belief.startsWith('underAttack(') && entry.truth === 'true',
    view: ({ agent }) => `/agents/${encodeURIComponent(agent)}`,
    lit: 'beliefs',
  },
  {
    title: 'Only the victim is limited now',
    words:
      'What goes to the victim is limited in place of the whole link: that limit is lifted, and everybody else is served as before.',
    isIt: (entry) => isDone(entry, 'limit-target'),
    view: whyOf,
    lit: 'why',
  },
  {
    title: 'Who floods is told from who visits',
    words:
      'A third agent looks at each source by itself. Who opens connections and finishes none, again and again, is malicious. This auction decided who has to judge.',
    isIt: (entry) => isAuctionFor(entry, 'sourcesBlocked', 'awarded'),
    view: auctionOf,
    lit: 'bids',
  },
  {
    title: 'The first source is blocked',
    words:
      'It is blocked where it comes in, and nobody else is. Every block can be asked why: the belief about this very source, the reading behind it, and the bids.',
    isIt: (entry) => isDone(entry, 'block-source'),
    view: whyOf,
    lit: 'why',
  },
  {
    title: 'The attack is over for the server',
    words:
      'Once nothing malicious is left, the limit of the victim is lifted too, and only the blocks stay for a while. In the chart the traffic of users is what it was before.',
    isIt: (entry) =>
      entry.kind === 'award' && entry.goal === 'targetRateLimited' && entry.status === 'released',
    laterMs: 5000,
    view: () => '/',
    lit: 'traffic',
  },
];

/** Positions of what the steps are about, as far as it has happened and can be seen. */
export function findSteps(entries: readonly JournalEntry[]): readonly number[] {
  const found: number[] = [];
  let happenedMs: number | undefined;
  for (const [position, entry] of entries.entries()) {
    const step = STEPS[found.length];
    if (step === undefined) break;
    if (happenedMs === undefined && step.isIt(entry)) happenedMs = entry.tMs;
    if (happenedMs === undefined || entry.tMs < happenedMs + (step.laterMs ?? 0)) continue;
    found.push(position);
    happenedMs = undefined;
  }
  return found;
}
