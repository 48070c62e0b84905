import type { Network, NetworkHost, NetworkLink, NetworkSite, Share } from '../../data/network/network.ts';
import type { Rates } from '../../data/network/rates.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { figure, many, rate } from '../../parts/figures.ts';
import { ViewLink } from '../../parts/link.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { PlacedName } from '../../parts/placed-name.tsx';
import { linkInWords, lossInWords } from './link-words.ts';
import { trustInWords } from './map-nodes.tsx';

interface Props {
  readonly sites: readonly NetworkSite[];
  readonly links: readonly NetworkLink[];
  readonly rates: Rates;
}

/** The map in words: of the sites that are looked at, and of the links that end there. */
export function NetworkTables({ sites, links, rates }: Props) {
  const hosts = sites.flatMap((site) => site.hosts);
  return (
    <div className="cards">
      <section className="card wide">
        <SiteTable sites={sites} />
      </section>
      <section className="card wide">
        <HostTable hosts={hosts} />
      </section>
      <section className="card wide">
        <LinkTable links={links} rates={rates} />
      </section>
    </div>
  );
}

/** What belongs to a site or a host: all, where nothing is asked for. */
export function partOf(
  { sites, links, hostOf }: Network,
  focus: { readonly kind: 'site' | 'host'; readonly name: string } | undefined,
): Pick<Props, 'sites' | 'links'> {
  if (focus === undefined) return { sites, links };
  if (focus.kind === 'site') {
    return {
      sites: sites.filter(({ name }) => name === focus.name),
      links: links.filter((link) => link.sites.includes(focus.name)),
    };
  }
  const host = hostOf.get(focus.name);
  return {
    sites: sites.flatMap((site) =>
      host !== undefined && site.name === host.site ? [{ ...site, hosts: [host] }] : [],
    ),
    links: links.filter(({ ends }) => ends.includes(focus.name)),
  };
}

function SiteTable({ sites }: Pick<Props, 'sites'>) {
  return (
    <DataTable
      caption={many(sites.length, 'site')}
      rows={sites}
      keyOf={({ name }) => name}
      empty="There are no sites."
      page={20}
      columns={[
        {
          name: 'site',
          cell: ({ name }) => <PlaceLink kind="site" name={name} />,
          value: ({ name }) => name,
        },
        {
          name: 'hosts',
          number: true,
          cell: ({ hosts }) => hosts.length,
          value: ({ hosts }) => hosts.length,
        },
        {
          name: 'placed',
          number: true,
          cell: ({ hosts }) => placedOn(hosts),
          value: ({ hosts }) => placedOn(hosts),
        },
        {
          name: 'agents',
          cell: ({ hosts }) => <Agents hosts={hosts} />,
        },
        {
          name: 'state',
          cell: ({ silent }) => (silent ? '▲ its daemon does not answer' : ''),
          value: ({ silent }) => (silent ? 0 : 1),
        },
      ]}
    />
  );
}

function placedOn(hosts: readonly NetworkHost[]): number {
  return hosts.reduce((sum, { placed }) => sum + placed.length, 0);
}

const MOST_NAMED = 8;

function Agents({ hosts }: { readonly hosts: readonly NetworkHost[] }) {
  const agents = hosts.flatMap((host) => host.agents);
  return (
    <>
      {agents.slice(0, MOST_NAMED).map((agent, at) => (
        <span key={agent.name}>
          {at === 0 ? '' : ', '}
          <ViewLink to={`/agents/${encodeURIComponent(agent.name)}`}>{agent.name}</ViewLink>{' '}
          {trustInWords(agent)}
          {agent.roles.length === 0 ? '' : ` (${agent.roles.join(', ')})`}
        </span>
      ))}
      {agents.length > MOST_NAMED ? ` and ${agents.length - MOST_NAMED} more` : ''}
    </>
  );
}

function HostTable({ hosts }: { readonly hosts: readonly NetworkHost[] }) {
  return (
    <DataTable
      caption={many(hosts.length, 'host')}
      rows={hosts}
      keyOf={({ name }) => name}
      empty="No host stands here: it only passes on what others send."
      page={20}
      columns={[
        {
          name: 'host',
          cell: ({ name }) => <PlaceLink kind="host" name={name} />,
          value: ({ name }) => name,
        },
        { name: 'site', cell: ({ site }) => site, value: ({ site }) => site },
        { name: 'CPU', number: true, cell: ({ vcpus }) => shareOf(vcpus), value: ({ vcpus }) => vcpus.used },
        {
          name: 'memory, MiB',
          number: true,
          cell: ({ memoryMib }) => shareOf(memoryMib),
          value: ({ memoryMib }) => memoryMib.used,
        },
        { name: 'agents', cell: (host) => <Agents hosts={[host]} /> },
        {
          name: 'runs',
          cell: ({ placed }) => (
            <>
              {placed.map((each, at) => (
                <span key={each.id}>
                  {at === 0 ? '' : ', '}
                  <PlacedName placed={each} />
                </span>
              ))}
            </>
          ),
          value: ({ placed }) => placed.length,
        },
      ]}
    />
  );
}

function shareOf({ used, total }: Share): string {
  return `${figure(used)} of ${figure(total)}`;
}

function LinkTable({ links, rates }: Pick<Props, 'links' | 'rates'>) {
  return (
    <DataTable
      caption={many(links.length, 'link')}
      rows={links}
      keyOf={({ id, ends }) => `${id} ${ends.join(' ')}`}
      empty="No link ends here."
      page={20}
      columns={[
        { name: 'link', cell: ({ id }) => id, value: ({ id }) => id },
        { name: 'from', cell: ({ ends }) => ends[0], value: ({ ends }) => ends[0] },
        { name: 'to', cell: ({ ends }) => ends[1], value: ({ ends }) => ends[1] },
        {
          name: 'capacity',
          number: true,
          cell: ({ capacity }) => (capacity === undefined ? 'none stated' : rate(capacity)),
          value: ({ capacity }) => capacity ?? 0,
        },
        {
          name: 'rate',
          number: true,
          cell: (link) => {
            const now = rates.links.get(link.id);
            if (now !== undefined) return rate(now.bytesPerSec);
            return link.counted
              ? linkInWords({ ...link, booked: undefined, capacity: undefined }, now)
              : 'not measured';
          },
          value: ({ id }) => rates.links.get(id)?.bytesPerSec ?? -1,
        },
        {
          name: 'lost',
          cell: ({ id }) => {
            const now = rates.links.get(id);
            return now === undefined ? '' : lossInWords(now) || 'nothing';
          },
        },
        {
          name: 'booked',
          number: true,
          cell: ({ booked }) => (booked === undefined ? 'cannot be' : rate(booked)),
          value: ({ booked }) => booked ?? -1,
        },
      ]}
    />
  );
}
