import { z } from 'zod';
import { BlockProofsSchema } from '../../protocol/block-proof.ts';
import { LedgerStretchSchema } from '../../protocol/ledger-blocks.ts';
import type { Status } from '../../protocol/up-status.ts';
import { ledgerProofs, ledgerStretch } from '../../runtime/ledger/ledger-reader.ts';
import { type Endpoint, endpoint, NOTHING } from '../http/endpoint.ts';
import { HttpProblem } from '../http/http-problem.ts';

const number = z.coerce.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const stretch = z.object({ from: number.default(0), to: number.optional() });
const tag = 'Muster: what runs here';

/** The ledger of what runs here, in stretches: as its entries, and as what the hashes of its blocks are made of. */
export function ledgerEndpoints(status: () => Pick<Status, 'ledger'>): readonly Endpoint[] {
  const ledger = () => {
    const found = status().ledger;
    if (found !== null) return found;
    throw new HttpProblem({
      status: 503,
      reason: 'there is no ledger yet',
      hint: 'ask again in a second',
      headers: { 'retry-after': '1' },
    });
  };
  return [
    endpoint({
      method: 'GET',
      path: '/v1/ledger/blocks',
      tag,
      summary: 'Blocks of the ledger with their entries, from one to another, as many as fit in an answer',
      params: NOTHING,
      query: stretch,
      body: NOTHING,
      answers: { 200: { description: 'They, and where to read on', schema: LedgerStretchSchema } },
      handle: async ({ query }) => ({ status: 200, body: await ledgerStretch(ledger(), query) }),
    }),
    endpoint({
      method: 'GET',
      path: '/v1/ledger/proofs',
      tag,
      summary: 'The same blocks as who checks their hashes needs them: headers and receipts',
      params: NOTHING,
      query: stretch,
      body: NOTHING,
      answers: { 200: { description: 'As the node tells them, unchecked', schema: BlockProofsSchema } },
      handle: async ({ query }) => ({ status: 200, body: { proofs: await ledgerProofs(ledger(), query) } }),
    }),
  ];
}
