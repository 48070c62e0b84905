import type { AgentId } from '../../protocol/ids.ts';
import { AgentIdSchema, serviceInLink } from '../../protocol/ids.ts';
import type { Json } from '../../protocol/journal.ts';
import { shortServiceName } from '../service-links/link-names.ts';

/** Which service each agent of a pipeline looks after; undefined: the network. */
export type Scopes = ReadonlyMap<AgentId, string | undefined>;

/** Whether two agents look after the same: only those have anything to say to one another. Who is not known has not. */
export function haveOneScope(scopes: Scopes, one: AgentId, other: AgentId): boolean {
  return scopes.has(one) && scopes.has(other) && scopes.get(one) === scopes.get(other);
}

type Action = Readonly<Record<string, Json>>;

/**
 * Why an action is none of an agent's business; undefined: it may ask for it. Agents of a service touch its virtual links and no others,
 * those of the network none of a service; and under awards of their own kind alone, so that nobody gets others to act where it may not.
 */
export function beyondReach(
  agent: AgentId,
  action: Action,
  serviceOf: (agent: AgentId) => string | undefined,
): string | undefined {
  const own = serviceOf(agent);
  const scope = own === undefined ? undefined : shortServiceName(own);
  const whose = own === undefined ? 'the network' : `the service ${own}`;
  const { query } = action;
  const asked = isRecord(query) ? query : undefined;
  for (const link of [action['link'], asked?.['link']]) {
    if (typeof link === 'string' && serviceInLink(link) !== scope) return `${link} is no link of ${whose}`;
  }
  if (own !== undefined && action['kind'] === 'place-function')
    return 'it places no functions of the network';
  // The rules of all links.
  if (own !== undefined && asked?.['kind'] === 'rules') return `it may not read more than ${whose}`;
  // What it has set it may remove, also when whoever awarded it is gone: the fence of awards looks whose it is.
  if (action['kind'] === 'remove-rule') return undefined;
  for (const award of [action['award'], action['fromAward'], action['toAward']]) {
    if (typeof award !== 'string') continue;
    const giver = AgentIdSchema.safeParse(award.split('.', 1)[0]).data;
    if (giver === undefined || serviceOf(giver) !== own)
      return `${award} is not awarded by an agent of ${whose}`;
  }
  return undefined;
}

function isRecord(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
