import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AclMessage, MessageDraft } from '../../protocol/acl.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { InitiatorOutput } from './auction-spec.ts';
import { Initiator } from './initiator.ts';
import type { ParticipantOutput } from './participant.ts';
import { Participant } from './participant.ts';
import { b1, b2, b3, buyer, message, spec } from './testing/conversation.ts';

const hash = (text: string) => createHash('sha256').update(text).digest('hex');

/** What a network does to one message: when each copy of it arrives; none: it is lost. */
type Fate = readonly number[];

/** Both roles as they run, over a network that loses, doubles, delays and swaps messages as `fates` say, in turn. */
function overNetwork(fates: readonly Fate[], prices: readonly number[], fails: boolean, sealed: boolean) {
  const machine = new Initiator({ ...spec, ...(sealed ? { sealed: 'commit-reveal' as const } : {}) }, hash);
  const bidders = new Map<AgentId, Participant>();
  const carried: { readonly atMs: number; readonly to: AgentId; readonly what: AclMessage }[] = [];
  const closed: InitiatorOutput[] = [];
  const begun: AgentId[] = [];
  let turn = 0;
  const send = (draft: MessageDraft, from: AgentId, nowMs: number) => {
    const fate = fates[turn++ % fates.length] ?? [0];
    const what = { ...message(draft.performative, from, draft.content), ...draft };
    for (const delay of fate) carried.push({ atMs: nowMs + 1 + delay, to: draft.receiver, what });
  };
  const atInitiator = (out: readonly InitiatorOutput[], nowMs: number) => {
    for (const each of out) {
      if (each.kind === 'send') send(each.message, buyer, nowMs);
      else if (each.kind === 'closed') closed.push(each);
    }
  };
  const atBidder = (self: AgentId, out: ParticipantOutput[], nowMs: number) => {
    // What it begins it has done at once; the answer comes to the end of the same list.
    for (const each of out) {
      if (each.kind === 'send') send(each.message, self, nowMs);
      if (each.kind !== 'execute') continue;
      begun.push(self);
      if (fails) bidders.get(self)?.failed('rock', out);
      else bidders.get(self)?.completed('dug', out);
    }
  };
  const deliver = (to: AgentId, what: AclMessage, nowMs: number) => {
    if (to === buyer) {
      const out: InitiatorOutput[] = [];
      machine.onMessage(what, nowMs, out);
      atInitiator(out, nowMs);
      return;
    }
    const out: ParticipantOutput[] = [];
    const known = bidders.get(to);
    if (known !== undefined) known.onMessage(what, nowMs, out);
    else if (what.performative === 'cfp') {
      const cfp = {
        goal: spec.goal,
        completeByMs: 300,
        ...(sealed ? { sealed: 'commit-reveal' as const } : {}),
      };
      const bidder = new Participant(what, cfp);
      bidders.set(to, bidder);
      const price = prices[[b1, b2, b3].indexOf(to)] ?? 0;
      const bid = { kind: 'propose' as const, price, parts: [] };
      bidder.answer(bid, 600, out, { self: to, sealing: { hash, nonce: () => `the secret nonce of ${to}` } });
    }
    atBidder(to, out, nowMs);
  };
  const opening: InitiatorOutput[] = [];
  machine.open(opening);
  atInitiator(opening, 0);
  for (let nowMs = 0; nowMs <= 2000; nowMs++) {
    const out: InitiatorOutput[] = [];
    machine.onTime(nowMs, out);
    atInitiator(out, nowMs);
    for (const [self, bidder] of bidders) {
      const own: ParticipantOutput[] = [];
      bidder.onTime(nowMs, own);
      atBidder(self, own, nowMs);
    }
    for (const each of carried.filter(({ atMs }) => atMs === nowMs)) deliver(each.to, each.what, nowMs);
  }
  return { machine, bidders, closed, begun };
}

test('whatever a network loses, doubles or swaps: both sides end exactly once, and the work is begun at most once', () => {
  const fate = fc.oneof(
    { weight: 5, arbitrary: fc.constant<Fate>([0]) },
    fc.constant<Fate>([]),
    fc.constant<Fate>([0, 3]),
    fc.array(fc.integer({ min: 0, max: 150 }), { maxLength: 3 }),
  );
  const price = fc.integer({ min: 0, max: 3 }).map((value) => value / 4);
  fc.assert(
    fc.property(
      fc.array(fate, { minLength: 1, maxLength: 40 }),
      fc.tuple(price, price, price),
      fc.boolean(),
      fc.boolean(),
      (fates, prices, fails, sealed) => {
        const { machine, bidders, closed, begun } = overNetwork(fates, prices, fails, sealed);
        expect(machine.state).toBe('closed');
        expect(closed).toHaveLength(1);
        for (const bidder of bidders.values()) expect(bidder.state).toBe('ended');
        expect(begun.length).toBeLessThanOrEqual(1);
        const [end] = closed;
        if (end?.kind === 'closed' && end.outcome.kind === 'completed') {
          expect(begun).toEqual([end.outcome.winner]);
        }
      },
    ),
    { numRuns: 150 },
  );
});

test('over a network that keeps everything the work is done by who bids least', () => {
  for (const sealed of [false, true]) {
    const { closed, begun } = overNetwork([[0]], [0.5, 0.25, 0.75], false, sealed);
    expect(closed).toMatchObject([{ outcome: { kind: 'completed', winner: b2, result: 'dug' } }]);
    expect(begun).toEqual([b2]);
  }
});
