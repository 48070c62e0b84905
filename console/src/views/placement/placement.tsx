import { useMemo } from 'react';
import type { Network, NetworkLink, Placed } from '../../data/network/network.ts';
import type { Rates } from '../../data/network/rates.ts';
import { useNetwork } from '../../data/network/use-network.ts';
import { useRates } from '../../data/network/use-rates.ts';
import type { Looking } from '../../data/use-journal.ts';
import { commandOn } from '../../parts/commands.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { figure, many, rate } from '../../parts/figures.ts';
import { ViewLink } from '../../parts/link.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { PlacedName } from '../../parts/placed-name.tsx';
import { partOfAll, ShareBar } from '../../parts/share-bar.tsx';
import { Loading, RefusedNote } from '../../parts/states.tsx';
import { ViewFrame } from '../../parts/view-frame.tsx';
import { auctionsOf, type PlacedBy } from './auctions-of.ts';
import { Optimum } from './optimum.tsx';
import { PlacementMap, shareInWords } from './placement-map.tsx';
import './placement.css';

/** What runs where, how full that makes hosts and links, why it is there, and how much better it could be. */
export function Placement() {
  const { looking, network, services, run, refused } = useNetwork();
  const rates = useRates(looking, run);
  return (
    <ViewFrame
      title="Placement"
      about="What runs where, how full hosts and links are, and why each is where it is."
      command={
        looking.source.kind === 'up' ? 'muster service list' : commandOn(looking.source, 'auction', 'list')
      }
    >
      {refused === undefined ? null : <RefusedNote refused={refused} />}
      {network === undefined ? (
        refused === undefined ? (
          <Loading what="the network" />
        ) : null
      ) : (
        <>
          {looking.source.kind === 'up' && !looking.isNow ? (
            <p className="about">Services are as they are now; functions and auctions as of then.</p>
          ) : null}
          {looking.source.kind === 'up' ? (
            <p>
              <ViewLink to="/what-if" more={{ kind: 'more-users' }}>
                what if there were more users?
              </ViewLink>
            </p>
          ) : null}
          <PlacementMap sites={network.sites} />
          <div className="cards placement-tables">
            <Units network={network} looking={looking} />
            <Hosts network={network} />
            <Links links={network.links} rates={rates} />
            {services.length === 0 ? null : <Optimum services={services} />}
          </div>
        </>
      )}
    </ViewFrame>
  );
}

interface UnitRow {
  readonly placed: Placed;
  readonly by: PlacedBy | undefined;
}

function Units({ network, looking }: { readonly network: Network; readonly looking: Looking }) {
  const { journal, end } = looking;
  const placed = [...network.hostOf.values()].flatMap((host) => host.placed);
  const goals = placed.map(({ goal }) => goal).join('\n');
  const auctions = useMemo(() => auctionsOf(journal, end, new Set(goals.split('\n'))), [journal, end, goals]);
  const rows = placed.map((each): UnitRow => ({ placed: each, by: auctions.get(each.goal) }));
  return (
    <section className="card wide">
      <DataTable
        caption={`${many(rows.length, 'function')} and where they run`}
        rows={rows}
        keyOf={(row) => row.placed.id}
        empty="Nothing is placed by then. muster service apply brings a service."
        page={25}
        columns={[
          {
            name: 'what',
            cell: (row) => <PlacedName placed={row.placed} />,
            value: (row) => row.placed.name,
          },
          {
            name: 'host',
            cell: ({ placed: { host } }) => <PlaceLink kind="host" name={host} />,
            value: (row) => row.placed.host,
          },
          {
            name: 'CPU',
            number: true,
            cell: (row) => figure(row.placed.vcpus),
            value: (row) => row.placed.vcpus,
          },
          {
            name: 'memory, MiB',
            number: true,
            cell: (row) => figure(row.placed.memoryMib),
            value: (row) => row.placed.memoryMib,
          },
          { name: 'won with', cell: ({ by }) => by?.reason ?? 'no auction of it is in the journal' },
          {
            name: 'because',
            cell: ({ by }) =>
              by === undefined ? null : (
                <>
                  <ViewLink to={`/auctions/${encodeURIComponent(by.auction)}`}>bids</ViewLink>{' '}
                  <ViewLink to={`/why/${encodeURIComponent(by.entry)}`}>why?</ViewLink>
                </>
              ),
          },
        ]}
      />
    </section>
  );
}

function Hosts({ network }: { readonly network: Network }) {
  return (
    <section className="card wide">
      <DataTable
        caption="How full hosts are"
        rows={[...network.hostOf.values()]}
        keyOf={({ name }) => name}
        empty="There is no host."
        page={25}
        columns={[
          {
            name: 'host',
            cell: ({ name }) => <PlaceLink kind="host" name={name} />,
            value: ({ name }) => name,
          },
          { name: 'site', cell: ({ site }) => site, value: ({ site }) => site },
          {
            name: 'CPU',
            cell: ({ vcpus }) => <ShareBar part={partOfAll(vcpus)}>{shareInWords(vcpus)}</ShareBar>,
            value: ({ vcpus }) => partOfAll(vcpus),
          },
          {
            name: 'memory, MiB',
            cell: ({ memoryMib }) => (
              <ShareBar part={partOfAll(memoryMib)}>{shareInWords(memoryMib)}</ShareBar>
            ),
            value: ({ memoryMib }) => partOfAll(memoryMib),
          },
          {
            name: 'runs',
            number: true,
            cell: ({ placed }) => placed.length,
            value: ({ placed }) => placed.length,
          },
        ]}
      />
    </section>
  );
}

/** Of links of which nothing can be booked and nothing is measured there is nothing to say here. */
function Links({ links, rates }: { readonly links: readonly NetworkLink[]; readonly rates: Rates }) {
  const known = links.filter(({ booked, counted }) => booked !== undefined || counted);
  const used = ({ id, booked }: NetworkLink) => rates.links.get(id)?.bytesPerSec ?? booked;
  const part = (link: NetworkLink) => partOfAll({ used: used(link) ?? 0, total: link.capacity ?? 0 });
  return (
    <section className="card wide">
      <DataTable
        caption="How full links are"
        rows={known.toSorted((a, b) => part(b) - part(a))}
        keyOf={({ id }) => id}
        empty="No link can be booked, and none is measured."
        page={25}
        columns={[
          { name: 'link', cell: ({ id }) => id, value: ({ id }) => id },
          { name: 'between', cell: ({ ends }) => ends.join(' and ') },
          {
            name: 'used',
            cell: (link) => {
              const amount = used(link);
              if (amount === undefined) return 'not read';
              return (
                <ShareBar part={part(link)}>{`${rate(amount)} of ${rate(link.capacity ?? 0)}`}</ShareBar>
              );
            },
            value: part,
          },
          {
            name: 'this is',
            cell: ({ id, booked }) =>
              rates.links.has(id) ? 'measured' : booked === undefined ? '' : 'booked, not measured',
          },
        ]}
      />
    </section>
  );
}
