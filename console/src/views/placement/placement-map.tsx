import { useState } from 'react';
import type { NetworkHost, NetworkSite, Share } from '../../data/network/network.ts';
import { figure } from '../../parts/figures.ts';
import { PlaceLink } from '../../parts/place-link.tsx';
import { PlacedName } from '../../parts/placed-name.tsx';
import { partOfAll, ShareBar } from '../../parts/share-bar.tsx';
import { Empty } from '../../parts/states.tsx';

/** Sites on a page of the map. */
const PAGE = 24;
/** Where there are more hosts, those on which nothing runs are left out at first. */
const FEW_HOSTS = 60;

/** Which unit runs where, and how full each host is. */
export function PlacementMap({ sites }: { readonly sites: readonly NetworkSite[] }) {
  const count = sites.reduce((sum, { hosts }) => sum + hosts.length, 0);
  const [all, setAll] = useState<boolean>();
  const [from, setFrom] = useState(0);
  const every = all ?? count <= FEW_HOSTS;
  const shown = sites
    .map(({ name, silent, hosts }) => ({
      name,
      silent,
      hosts: every ? hosts : hosts.filter(({ placed }) => placed.length > 0),
    }))
    .filter(({ hosts }) => hosts.length > 0);
  const start = Math.min(from, Math.max(0, Math.ceil(shown.length / PAGE) - 1) * PAGE);
  return (
    <section aria-label="Which unit runs where">
      <label className="placement-all">
        <input type="checkbox" checked={every} onChange={() => setAll(!every)} /> hosts on which nothing runs,
        too
      </label>
      {shown.length === 0 ? (
        <Empty>Nothing is placed by then. muster service apply brings a service.</Empty>
      ) : null}
      <div className="cards">
        {shown.slice(start, start + PAGE).map(({ name, silent, hosts }) => (
          <section className="card" key={name}>
            <h2>
              <PlaceLink kind="site" name={name} />
              {silent ? ' ▲ silent' : ''}
            </h2>
            {hosts.map((host) => (
              <HostLoad key={host.name} host={host} />
            ))}
          </section>
        ))}
      </div>
      {shown.length <= PAGE ? null : (
        <nav className="pages" aria-label="Pages of the map">
          <button type="button" disabled={start === 0} onClick={() => setFrom(start - PAGE)}>
            back
          </button>
          <span>
            sites {start + 1} to {Math.min(shown.length, start + PAGE)} of {shown.length}
          </span>
          <button type="button" disabled={start + PAGE >= shown.length} onClick={() => setFrom(start + PAGE)}>
            on
          </button>
        </nav>
      )}
    </section>
  );
}

function HostLoad({ host: { name, vcpus, memoryMib, placed } }: { readonly host: NetworkHost }) {
  return (
    <div className="host-load">
      <strong>
        <PlaceLink kind="host" name={name} />
      </strong>
      <ShareBar part={partOfAll(vcpus)}>{`${shareInWords(vcpus)} CPU`}</ShareBar>
      <ShareBar part={partOfAll(memoryMib)}>{`${shareInWords(memoryMib)} MiB`}</ShareBar>
      <ul className="chips">
        {placed.map((each) => (
          <li key={each.id}>
            <PlacedName placed={each} />
          </li>
        ))}
      </ul>
    </div>
  );
}

export function shareInWords({ used, total }: Share): string {
  return `${figure(used)} of ${figure(total)}`;
}
