import { bidInWords } from '../report/auction-in-words.ts';
import { moment, plainText } from '../report/in-words.ts';
import { sentenceOf } from '../report/sentence.ts';
import type { WhyNode } from './why-chain.ts';

interface Open {
  readonly node: WhyNode;
  readonly level: number;
}

/** Past this, deeper entries keep the same indent, so that a long chain does not run off the terminal. */
const DEEPEST_INDENT = 20;

/** A chain of reasons as indented plain sentences for the terminal: each entry, then what it follows from. */
export function renderWhy(tree: WhyNode): string[] {
  const lines: string[] = [];
  const open: Open[] = [{ node: tree, level: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, level } = next;
    const indent = '  '.repeat(Math.min(level, DEEPEST_INDENT));
    const head = `${indent}${level === 0 ? '' : 'because '}[${node.entry.id}] ${moment(node.entry.tMs)}`;
    if (node.again) {
      lines.push(plainText(`${head}  (told above)`));
      continue;
    }
    lines.push(plainText(`${head}  ${sentenceOf(node.entry)}`));
    for (const bid of node.bids) lines.push(plainText(`${indent}    · ${bidInWords(bid)}`));
    if (node.deeper > 0)
      lines.push(plainText(`${indent}  … ${node.deeper} more behind it: bin/muster why ${node.entry.id}`));
    for (const cause of [...node.causes].reverse()) open.push({ node: cause, level: level + 1 });
  }
  return lines;
}
