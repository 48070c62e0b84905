import { CHAIN_TERMS } from '../../core/negotiation/chain-spec.ts';
import { digestChars, MAX_NEWS_CHARS } from '../../core/negotiation/site-news.ts';
import { topologyOf } from '../../core/placement/topology.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { Placing } from '../../protocol/placing.ts';
import { MAX_SUBSTRATE_CHARS, PlacingSchema } from '../../protocol/placing.ts';
import type { Substrate } from '../../protocol/substrate.ts';
import { siteAgentOf } from './site-agents.ts';

/** Processes take longer to answer than agents of one process do, above all while they attest one another. */
export const GENUINE_TERMS: Placing['terms'] = {
  ...CHAIN_TERMS,
  replyWithinMs: 1000,
  tries: 3,
  leaseMs: 30_000,
  backoffMs: 20,
};

/**
 * What the agents `a-SITE` of a substrate are started with.
 * @throws MusterError BAD_SITE when it names things that are not there, or is too large for what agents tell one another.
 */
export function placingOf(substrate: Substrate, terms: Placing['terms'] = GENUINE_TERMS): Placing {
  topologyOf(substrate);
  const chars = JSON.stringify(substrate).length;
  if (chars > MAX_SUBSTRATE_CHARS) {
    throw new MusterError('BAD_SITE', `the substrate has ${chars} characters as JSON`, {
      hint: `agents in processes of their own take at most ${MAX_SUBSTRATE_CHARS}: fewer hosts or links, or shorter names`,
    });
  }
  for (const site of substrate.sites) {
    const hosts = substrate.hosts.filter((host) => host.site === site);
    const links = substrate.links.filter((link) => link.owner === site);
    const names = hosts.map(({ name }) => name);
    const ids = links.map(({ id }) => id);
    if (digestChars(names, ids) <= MAX_NEWS_CHARS) continue;
    throw new MusterError(
      'BAD_SITE',
      `${site} has too much to tell: ${hosts.length} hosts, ${links.length} links`,
      {
        hint: 'divide it into several sites, or give its hosts and links shorter names',
      },
    );
  }
  return PlacingSchema.parse({
    substrate,
    terms,
    books: substrate.sites.map((site) => ({ site, agent: siteAgentOf(site) })),
  });
}
