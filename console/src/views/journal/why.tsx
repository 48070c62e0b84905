import { useState } from 'react';
import { actionTarget } from '../../../../src/core/explain/action-target.ts';
import { bidInWords } from '../../../../src/core/explain/auction-in-words.ts';
import { sentenceOf } from '../../../../src/core/explain/sentence.ts';
import type { WhyNode } from '../../../../src/core/explain/why-chain.ts';
import { whyChain } from '../../../../src/core/explain/why-chain.ts';
import { useJournal } from '../../data/use-journal.ts';
import { commandOn } from '../../parts/commands.ts';
import { clockTime, figure } from '../../parts/figures.ts';
import { ViewLink } from '../../parts/link.tsx';
import { Empty, Loading } from '../../parts/states.tsx';
import { ViewFrame } from '../../parts/view-frame.tsx';

const DEPTH = 60;

/** The reasons of an entry, back to what was measured. */
export function Why({ id }: { readonly id: string }) {
  const { source, journal } = useJournal();
  const [full, setFull] = useState(false);
  const entry = journal.index.byId.get(id);
  const command = commandOn(source, 'why', id);
  if (entry === undefined) {
    return (
      <ViewFrame title={`Why ${id}`} about="The reasons of an entry of the journal." command={command}>
        {journal.state === 'complete' ? (
          <Empty>The journal has no such entry, or not any more.</Empty>
        ) : (
          <Loading what="the journal" />
        )}
      </ViewFrame>
    );
  }
  const tree = whyChain(journal.index, id, { depth: DEPTH, full });
  const about = entry.kind === 'action' ? actionTarget(entry) : undefined;
  return (
    <ViewFrame title="Why" about={sentenceOf(entry, about)} command={command}>
      <AuctionsBehind node={tree} />
      <label>
        <input type="checkbox" checked={full} onChange={() => setFull(!full)} /> everything: messages, steps
        of plans, and bids that lost too
      </label>
      <ul className="why" data-tour="why">
        <Node node={tree} about={about} root />
      </ul>
    </ViewFrame>
  );
}

/** Which auctions it goes back to, who won each, and with what: the tree below has how they lead to it. */
function AuctionsBehind({ node }: { readonly node: WhyNode }) {
  const auctions = auctionsIn(node);
  if (auctions.length === 0) return null;
  return (
    <section className="card">
      <h2>{auctions.length === 1 ? 'The auction behind it' : 'The auctions behind it'}</h2>
      <ul>
        {auctions.map(({ entry: { auction, goal }, bids }) => {
          const won = bids.find(({ outcome }) => outcome === 'won');
          return (
            <li key={auction}>
              {goal}: <strong>{won?.bidder ?? 'nobody'} won</strong>
              {won === undefined || won.price === null
                ? ''
                : ` with a bid of ${figure(won.price)} (${won.reason})`}
              . <ViewLink to={`/auctions/${encodeURIComponent(auction)}`}>the bids</ViewLink>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

interface AuctionTold {
  readonly entry: Extract<WhyNode['entry'], { kind: 'auction' }>;
  readonly bids: WhyNode['bids'];
}

/** Each once: where its bids are told. */
function auctionsIn({ entry, bids, causes }: WhyNode): readonly AuctionTold[] {
  const own = entry.kind === 'auction' && bids.length > 0 ? [{ entry, bids }] : [];
  return [...own, ...causes.flatMap(auctionsIn)];
}

interface NodeProps {
  readonly node: WhyNode;
  readonly about: string | undefined;
  readonly root?: boolean;
}

function Node({ node: { entry, bids, causes, again, deeper }, about, root }: NodeProps) {
  const fresh = causes.filter((cause) => !cause.again);
  return (
    <li>
      <span className="entry">
        {root ? '' : 'because '}
        <span className="about">{clockTime(entry.tMs)}</span> {sentenceOf(entry, about)}
        {again ? ' (told above)' : ''} <Links entry={entry} />
      </span>
      {bids.length === 0 ? null : (
        <ul>
          {bids.map((bid) => (
            <li key={bid.bidder}>{bidInWords(bid)}</li>
          ))}
        </ul>
      )}
      {fresh.length === 0 ? null : (
        <ul>
          {fresh.map((cause) => (
            <Node key={cause.entry.id} node={cause} about={about} />
          ))}
        </ul>
      )}
      {deeper === 0 ? null : (
        <ViewLink to={`/why/${encodeURIComponent(entry.id)}`}>{deeper} more behind it</ViewLink>
      )}
    </li>
  );
}

/** Where more can be seen of what an entry is about. */
function Links({ entry }: { readonly entry: WhyNode['entry'] }) {
  const auction = entry.kind === 'auction' || entry.kind === 'bid' ? entry.auction : undefined;
  return (
    <>
      {auction === undefined ? null : (
        <ViewLink to={`/auctions/${encodeURIComponent(auction)}`}>the auction</ViewLink>
      )}
      {entry.agent === 'muster' ? null : (
        <>
          {' '}
          <ViewLink to={`/agents/${encodeURIComponent(entry.agent)}`}>{entry.agent}</ViewLink>
        </>
      )}
    </>
  );
}
