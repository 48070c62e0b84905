import { actionTarget } from './action-target.ts';
import { bidInWords } from './auction-in-words.ts';
import { moment, plainText } from './in-words.ts';
import { sentenceOf } from './sentence.ts';
import type { WhyNode } from './why-chain.ts';

interface Open {
  readonly node: WhyNode;
  readonly indent: string;
  /** What leads over to it: nothing at the root, a dash where reasons part. */
  readonly lead: string;
}

function linesOf({ node, indent, lead }: Open, about: string | undefined): string[] {
  const { entry, bids, causes, deeper } = node;
  const under = `${indent}${lead.startsWith('-') ? '  ' : ''}`;
  const lines = [`${indent}${lead}[${entry.id}] ${moment(entry.tMs)}  ${sentenceOf(entry, about)}`];
  for (const bid of bids) lines.push(`${under}    · ${bidInWords(bid)}`);
  const again = causes.filter((cause) => cause.again).map((cause) => `[${cause.entry.id}]`);
  if (again.length > 0) lines.push(`${under}also because of ${again.join(', ')}, told elsewhere here`);
  if (deeper > 0) lines.push(`${under}… ${deeper} more behind it: bin/muster why ${entry.id}`);
  return lines;
}

/**
 * A chain of reasons as plain sentences for the terminal. A chain with one reason each goes straight down; where reasons
 * part, each begins with a dash and what is behind it is set in. Numbers about an address are those of the action's.
 */
export function renderWhy(tree: WhyNode): string[] {
  const about = tree.entry.kind === 'action' ? actionTarget(tree.entry) : undefined;
  const lines: string[] = [];
  const open: Open[] = [{ node: tree, indent: '', lead: '' }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    lines.push(...linesOf(next, about));
    const under = `${next.indent}${next.lead.startsWith('-') ? '  ' : ''}`;
    const fresh = next.node.causes.filter((cause) => !cause.again);
    const lead = fresh.length > 1 ? '- because ' : 'because ';
    for (const node of fresh.reverse()) open.push({ node, indent: under, lead });
  }
  return lines.map(plainText);
}
