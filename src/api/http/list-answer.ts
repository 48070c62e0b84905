import { z } from 'zod';
import { fits, parseFilter } from './attribute-filter.ts';
import { readSelector, select } from './attribute-selector.ts';
import type { Answer } from './endpoint.ts';
import { HttpProblem } from './http-problem.ts';

/** Things on one page. */
export const PAGE_SIZE = 100;

/** What may be asked of a list (ETSI GS NFV-SOL 013 clause 5). */
export const ListQuerySchema = z.strictObject({
  filter: z
    .string()
    .max(4096)
    .optional()
    .describe('e.g. (eq,nsState,INSTANTIATED);(cont,nsInstanceName,web)'),
  fields: z.string().max(4096).optional().describe('attributes to be told, with commas between them'),
  exclude_fields: z.string().max(4096).optional().describe('attributes to be left out'),
  all_fields: z.string().max(10).optional().describe('all attributes, also those that lists leave out'),
  exclude_default: z.string().max(10).optional().describe('without what lists leave out: as without it'),
  nextpage_opaque_marker: z
    .string()
    .max(2048)
    .optional()
    .describe('as the Link header of the page before has it'),
});
export type ListQuery = z.infer<typeof ListQuerySchema>;

export interface Listed<T> {
  readonly items: readonly T[];
  /** Where an item stands among the others: text whose order is theirs, unique, the same in every request. */
  keyOf(item: T): string;
  readonly view: (item: T) => object;
  /** Attributes that are told only to who asks for them or for all. */
  readonly byDefaultWithout?: readonly string[];
}

/**
 * One page of a list, filtered. Pages are told apart by the last key of the one before, so that what comes and goes meanwhile moves nothing.
 */
export function listAnswer<T>(list: Listed<T>, query: ListQuery, path: string, pageSize = PAGE_SIZE): Answer {
  const filter = query.filter === undefined ? [] : parseFilter(query.filter);
  const after =
    query.nextpage_opaque_marker === undefined ? undefined : readMarker(query.nextpage_opaque_marker);
  const selector = readSelector(query, list.byDefaultWithout);
  const sorted = list.items
    .map((item) => ({ key: list.keyOf(item), item }))
    .filter(({ key }) => after === undefined || key > after)
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const page: object[] = [];
  let last: string | undefined;
  let more = false;
  for (const { key, item } of sorted) {
    const viewed = list.view(item);
    if (!fits(viewed, filter)) continue;
    if (page.length === pageSize) {
      more = true;
      break;
    }
    page.push(select(viewed, selector));
    last = key;
  }
  if (!more || last === undefined) return { status: 200, body: page };
  const next = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) next.set(name, value);
  next.set('nextpage_opaque_marker', Buffer.from(last).toString('base64url'));
  return { status: 200, body: page, headers: { link: `<${path}?${next}>; rel="next"` } };
}

function readMarker(marker: string): string {
  const text = Buffer.from(marker, 'base64url').toString();
  if (text !== '' && Buffer.from(text).toString('base64url') === marker) return text;
  throw new HttpProblem({
    status: 400,
    reason: 'this marker is none of a page',
    hint: 'take it from the Link header of the page before, or leave it out for the first page',
  });
}
