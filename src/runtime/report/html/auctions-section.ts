import { bidInWords } from '../../../core/explain/auction-in-words.ts';
import type { AuctionRecord } from '../../../core/explain/auction-records.ts';
import { count, figure, moment } from '../../../core/explain/in-words.ts';
import type { JournalBid } from '../../../protocol/journal.ts';
import { html, type Markup } from './markup.ts';

const MOST_AUCTIONS = 120;
const MOST_BIDS = 16;
const MOST_TABLE_ROWS = 600;
/** Colours that the stylesheet has for the parts of a bid. */
const PART_COLOURS = 6;

const OUTCOMES: Readonly<Record<JournalBid['outcome'], string>> = {
  won: 'won',
  lost: 'lost',
  refused: 'refused',
  late: 'late',
  silent: 'no answer',
  'not-understood': 'not understood',
  invalid: 'not valid',
  proposed: 'bid',
};

const STATUSES: Readonly<Record<AuctionRecord['status'], string>> = {
  opened: 'still open',
  awarded: 'awarded',
  completed: 'completed',
  'no-bid': 'no bid',
  failed: 'failed',
  cancelled: 'cancelled',
};

interface Scale {
  readonly highest: number;
  /** Number of the colour of each part, by its name. */
  readonly colours: ReadonlyMap<string, number>;
}

function scaleOf(auctions: readonly AuctionRecord[]): Scale {
  const colours = new Map<string, number>();
  let highest = 0;
  for (const { bids } of auctions) {
    for (const { parts, price } of bids) {
      if (price === null) continue;
      highest = Math.max(highest, price);
      for (const { name } of parts) if (!colours.has(name)) colours.set(name, colours.size % PART_COLOURS);
    }
  }
  return { highest: highest === 0 ? 1 : highest, colours };
}

function bar(bid: JournalBid, price: number, { highest, colours }: Scale): Markup {
  const parts = bid.parts.length > 0 ? bid.parts : [{ name: 'price', value: price }];
  return html`<span class="stack" aria-hidden="true">${parts.map(
    ({ name, value }) =>
      html`<span class="part p${colours.get(name) ?? 0}" style="width:${((Math.max(0, value) / highest) * 100).toFixed(2)}%" title="${name} ${figure(value)}"></span>`,
  )}</span>`;
}

function partNames(bid: JournalBid, { colours }: Scale): readonly Markup[] {
  return bid.parts.map(
    ({ name, value, detail }, at) =>
      html`${at === 0 ? '' : ' + '}<span class="part-name"><i class="p${colours.get(name) ?? 0}" aria-hidden="true"></i>${name} ${figure(value)}</span>${detail === undefined ? null : ` (${detail})`}`,
  );
}

function bidRow(bid: JournalBid, scale: Scale): Markup {
  const bidder = html`<span class="bidder">${bid.bidder}</span>`;
  const outcome = html`<span class="outcome">${OUTCOMES[bid.outcome]}</span>`;
  const reason = bid.reason;
  if (bid.price === null) {
    return html`<li class="bid ${bid.outcome}">${bidder}<span class="instead">${reason}</span>${outcome}</li>`;
  }
  const detail = html`<span class="detail">${partNames(bid, scale)}${reason === '' ? null : ` — ${reason}`}</span>`;
  return html`<li class="bid ${bid.outcome}">${bidder}${bar(bid, bid.price, scale)}<span class="price">${figure(bid.price)}</span>${outcome}${detail}</li>`;
}

function outcomeOf({ status, winner, bids }: AuctionRecord): string {
  const won = bids.find((bid) => bid.bidder === winner);
  if (winner === null) return STATUSES[status];
  const price = won === undefined || won.price === null ? '' : ` at ${figure(won.price)}`;
  return status === 'completed' || status === 'awarded'
    ? `${winner} won${price}`
    : `${STATUSES[status]} (${winner} had won${price})`;
}

function auctionItem(record: AuctionRecord, scale: Scale, open: boolean): Markup {
  const { bids, goal, auctioneer, openedMs, closedMs, participants, reserve } = record;
  const offers = bids.filter(({ price }) => price !== null).length;
  const facts = [
    `opened by ${auctioneer} at ${moment(openedMs)}`,
    closedMs === null ? STATUSES[record.status] : `${STATUSES[record.status]} at ${moment(closedMs)}`,
    `${count(participants.length, 'agent')} asked, ${count(offers, 'bid')}`,
    ...(reserve === null ? [] : [`reserve price ${figure(reserve)}`]),
  ];
  const id = record.entryIds[record.entryIds.length - 1] ?? '';
  return html`<details class="auction"${open ? html` open` : null}><summary><code>${goal}</code><span class="result">${outcomeOf(record)}</span><span class="when">${moment(openedMs)}</span></summary>
<p class="facts">${facts.join(' · ')}${record.reason === '' ? null : html` — ${record.reason}`} <button type="button" data-why="${JSON.stringify([id])}" aria-label="Why the auction for ${goal}">Why</button></p>
${bids.length === 0 ? html`<p class="note">No bids are recorded.</p>` : html`<ul class="bids">${bids.slice(0, MOST_BIDS).map((bid) => bidRow(bid, scale))}</ul>`}
${bids.length > MOST_BIDS ? html`<p class="note">${bids.length - MOST_BIDS} dearer or missing bids are not drawn; the table has them.</p>` : null}</details>`;
}

function tableTwin(auctions: readonly AuctionRecord[]): Markup {
  const rows = auctions.flatMap((record) => record.bids.map((bid) => ({ record, bid })));
  return html`<details class="twin"><summary>All bids as a table</summary><div class="scroll" tabindex="0" role="region" aria-label="All bids as a table"><table class="numbers"><thead><tr><th scope="col">auction</th><th scope="col">goal</th><th scope="col">bidder</th><th scope="col">outcome</th><th scope="col">price</th><th scope="col">parts</th><th scope="col">in words</th></tr></thead><tbody>${rows
    .slice(0, MOST_TABLE_ROWS)
    .map(
      ({ record, bid }) =>
        html`<tr><th scope="row">${record.auction}</th><td>${record.goal}</td><td>${bid.bidder}</td><td>${OUTCOMES[bid.outcome]}</td><td>${bid.price === null ? '' : figure(bid.price)}</td><td>${bid.parts.map((part) => `${part.name} ${figure(part.value)}`).join(', ')}</td><td class="words">${bidInWords(bid)}</td></tr>`,
    )}</tbody></table></div>${rows.length > MOST_TABLE_ROWS ? html`<p class="note">The first ${MOST_TABLE_ROWS} of ${rows.length} bids; the journal has all.</p>` : null}</details>`;
}

function group(name: string, auctions: readonly AuctionRecord[], scale: Scale, open: number): Markup | null {
  if (auctions.length === 0) return null;
  const shown = auctions.slice(0, MOST_AUCTIONS);
  const left = auctions.length - shown.length;
  return html`<h3>${name} <span class="count">${auctions.length}</span></h3>${shown.map((record, at) => auctionItem(record, scale, at < open))}${left > 0 ? html`<p class="note">${left} more are in the journal.</p>` : null}`;
}

/** Every auction: each bid as a bar stacked from the parts of its price, on one scale, with refusals and who won and why. */
export function auctionsSection(auctions: readonly AuctionRecord[]): Markup {
  const scale = scaleOf(auctions);
  const before = auctions.filter(({ openedMs }) => openedMs < 0);
  const during = auctions.filter(({ openedMs }) => openedMs >= 0);
  const names = [...scale.colours];
  return html`<section aria-labelledby="auctions"><h2 id="auctions">Auctions</h2>
${auctions.length === 0 ? html`<p>No auction was held.</p>` : html`<p class="lead">The lowest price wins. A price is the sum of its parts; all bars have the same scale, up to ${figure(scale.highest)}.</p>`}
${names.length === 0 ? null : html`<ul class="legend parts">${names.map(([name, colour]) => html`<li><i class="p${colour}" aria-hidden="true"></i>${name}</li>`)}</ul>`}
${group('During the run', during, scale, 3)}${group('Before the start: who looks after what', before, scale, during.length === 0 ? 3 : 0)}
${auctions.length === 0 ? null : tableTwin(auctions)}</section>`;
}
