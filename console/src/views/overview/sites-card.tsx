import type { NetworkView } from '../../../../src/protocol/network-view.ts';
import type { Status } from '../../../../src/protocol/up-status.ts';
import { useAsked } from '../../data/use-asked.ts';
import { many } from '../../parts/figures.ts';
import { ViewLink } from '../../parts/link.tsx';
import { OfNow } from '../../parts/of-now.tsx';

/** More are drawn in the topology. */
const MOST = 12;

/** Where services can run, and where the agents are. */
export function SitesCard({ status: { agents, processes, services } }: { readonly status: Status }) {
  const where = new Map<string, Status['agents'][number][]>();
  for (const each of agents) where.set(each.site, [...(where.get(each.site) ?? []), each]);
  return (
    <section className="card">
      <h2>Sites and agents</h2>
      <OfNow />
      {services === null ? null : <Infrastructure lost={services.lostSites} />}
      <ul>
        {[...where].map(([site, here]) => (
          <li key={site}>
            {site}:{' '}
            {here.map(({ name, status }, at) => (
              <span key={name}>
                {at === 0 ? '' : ', '}
                <ViewLink to={`/agents/${encodeURIComponent(name)}`}>{name}</ViewLink>
                {status === 'attested' ? '' : ` (${status})`}
              </span>
            ))}
          </li>
        ))}
      </ul>
      <p className="about">
        Processes:{' '}
        {Object.entries(processes)
          .map(([name, pid]) => `${name} ${pid}`)
          .join(', ')}
      </p>
    </section>
  );
}

/** Sites that services are placed on. */
function Infrastructure({ lost }: { readonly lost: readonly string[] }) {
  const { value } = useAsked<NetworkView>('/v1/network');
  const sites = value?.substrate?.sites ?? [];
  if (sites.length === 0) return null;
  return (
    <p>
      Services run on{' '}
      {sites.slice(0, MOST).map((site, at) => (
        <span key={site}>
          {at === 0 ? '' : ', '}
          <ViewLink to="/topology" more={{ site }}>
            {site}
          </ViewLink>
          {lost.includes(site) ? ' (▲ silent)' : ''}
        </span>
      ))}
      {sites.length <= MOST ? null : (
        <>
          {' '}
          and <ViewLink to="/topology">{many(sites.length - MOST, 'more site')}</ViewLink>
        </>
      )}
    </p>
  );
}
