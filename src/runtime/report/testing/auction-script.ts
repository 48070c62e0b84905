import type { BidPart, JournalBid } from '../../../protocol/journal.ts';
import type { JournalWriter } from './journal-writer.ts';

const parts = (cost: number, utility: number): BidPart[] => [
  { name: 'limiting', value: cost, detail: 'awards in force' },
  {
    name: 'utility',
    value: utility,
    detail: `U ${(1 - 2 * utility).toFixed(3)}: cpu and memory after placing`,
  },
];

/** An auction to be written. */
export interface AuctionScript {
  readonly atMs: number;
  readonly auctioneer: string;
  readonly goal: string;
  readonly winner: string;
  readonly because: readonly string[];
  readonly conversation: string;
}

/** Writes one auction with a winner, a loser, a refusal and a silent agent; answers the ids of its award and of its opening. */
export function holdAuction(
  writer: JournalWriter,
  script: AuctionScript,
): { readonly award: string; readonly opened: string } {
  const { atMs, auctioneer, goal, winner, because, conversation } = script;
  const participants = ['a2', 'a4', 'a5', 'a6', winner].filter(
    (name, at, all) => name !== auctioneer && all.indexOf(name) === at,
  );
  const shared = { kind: 'auction', auction: conversation, goal, participants, reserve: 1 } as const;
  const opened = writer.write(
    atMs,
    auctioneer,
    { ...shared, status: 'opened', bids: [], winner: null },
    'no plan of its own reaches it',
    because,
  );
  const bids: JournalBid[] = participants.map((bidder, at) => {
    if (bidder === winner) {
      writer.write(
        atMs + 4,
        bidder,
        {
          kind: 'bid',
          auction: conversation,
          goal,
          verdict: 'propose',
          price: 0.245,
          parts: parts(0.035, 0.21),
        },
        'active already, cpu 42 % after placing',
        [opened],
      );
      return { bidder, outcome: 'won', price: 0.245, parts: parts(0.035, 0.21), reason: 'lowest price' };
    }
    if (bidder === 'a4') {
      writer.write(
        atMs + 5,
        bidder,
        { kind: 'bid', auction: conversation, goal, verdict: 'refuse', price: null, parts: [] },
        'no headroom: cpu 112 % after placing',
        [opened],
      );
      return {
        bidder,
        outcome: 'refused',
        price: null,
        parts: [],
        reason: 'no headroom: cpu 112 % after placing',
      };
    }
    if (bidder === 'a5')
      return { bidder, outcome: 'silent', price: null, parts: [], reason: 'no answer within 60 ms' };
    const price = 0.4 + at * 0.021;
    writer.write(
      atMs + 5,
      bidder,
      {
        kind: 'bid',
        auction: conversation,
        goal,
        verdict: 'propose',
        price,
        parts: parts(0.09, price - 0.09),
      },
      'has to be activated first',
      [opened],
    );
    return {
      bidder,
      outcome: 'lost',
      price,
      parts: parts(0.09, price - 0.09),
      reason: 'dearer than the winner',
    };
  });
  const awarded = writer.write(
    atMs + 60,
    auctioneer,
    { ...shared, status: 'awarded', bids, winner },
    `${winner} asks for the least`,
    [opened],
  );
  const granted = writer.write(
    atMs + 61,
    auctioneer,
    { kind: 'award', award: conversation, goal: goal.replace(/\(.*/, ''), status: 'granted', holder: winner },
    'won at auction',
    [awarded],
  );
  writer.write(
    atMs + 62,
    winner,
    {
      kind: 'award',
      award: conversation,
      goal: goal.replace(/\(.*/, ''),
      status: 'accepted',
      holder: winner,
    },
    'renewed every 300 ms',
    [granted],
  );
  return { award: conversation, opened };
}
