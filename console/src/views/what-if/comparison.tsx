import { fared } from '../../../../src/core/explain/what-if-in-words.ts';
import type { WhatIfResult } from '../../../../src/protocol/what-if.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { clockTime, figure, rate } from '../../parts/figures.ts';
import { ViewLink } from '../../parts/link.tsx';
import { ShareBar } from '../../parts/share-bar.tsx';
import { TimeChart } from '../../parts/time-chart.tsx';
import { Figure } from '../overview/figure.tsx';

/** Both runs side by side: what services and people made of it, units, hosts and links, and what was done about an attack. */
export function Comparison({ result }: { readonly result: WhatIfResult }) {
  return (
    <div className="cards">
      <Goodput result={result} />
      {result.attack === null ? null : <Attack attack={result.attack} />}
      <Services services={result.services} />
      {result.services.some(({ before }) => before.length > 0) ? <Units services={result.services} /> : null}
      {result.operations.length === 0 ? null : <Operations result={result} />}
      {result.hosts.length === 0 ? null : (
        <Loads what="Hosts" unit={(value) => `${figure(value)} vCPU`} rows={result.hosts} />
      )}
      {result.links.length === 0 ? null : (
        <Loads what="Links" unit={rate} rows={result.links.map((each) => ({ ...each, name: each.id }))} />
      )}
      <Told title="Taken from what is up" all={result.taken} />
      <Told title="Assumed" all={result.assumed} />
    </div>
  );
}

function Goodput({ result: { series, changeAtMs } }: { readonly result: WhatIfResult }) {
  return (
    <section className="card wide">
      <h2>What people are given</h2>
      <TimeChart
        label="Bytes per second that people were given in time, with the change and without"
        times={series.map(({ tMs }) => tMs / 1000)}
        series={[
          { name: 'with the change', className: 'part-1', values: series.map(({ changed }) => changed) },
          { name: 'without', className: 'part-2', values: series.map(({ unchanged }) => unchanged) },
        ]}
        marks={[{ at: changeAtMs / 1000, title: 'the change' }]}
        format={rate}
      />
      <DataTable
        caption="What people are given, second by second"
        rows={series}
        keyOf={({ tMs }) => String(tMs)}
        empty="Nobody asked for anything."
        page={10}
        columns={[
          { name: 'until', number: true, cell: ({ tMs }) => clockTime(tMs), value: ({ tMs }) => tMs },
          {
            name: 'with the change',
            number: true,
            cell: ({ changed }) => rate(changed),
            value: ({ changed }) => changed,
          },
          {
            name: 'without',
            number: true,
            cell: ({ unchanged }) => rate(unchanged),
            value: ({ unchanged }) => unchanged,
          },
        ]}
      />
    </section>
  );
}

function Attack({ attack }: { readonly attack: NonNullable<WhatIfResult['attack']> }) {
  const after = (ms: number | null) =>
    ms === null ? 'never' : `after ${clockTime(ms - (attack.startMs ?? 0))}`;
  return (
    <section className="card">
      <h2>The attack</h2>
      <dl className="figures">
        <Figure name="sources" value={attack.sources.length} />
        <Figure name="detected" value={after(attack.detectedMs)} />
        <Figure name="limited" value={after(attack.firstLimitMs)} />
        <Figure name="all blocked" value={after(attack.allSourcesBlockedMs)} />
        <Figure name="blocked" value={attack.blockedSources.length} />
        <Figure name="blocked wrongly" value={attack.blockedWrongly} />
      </dl>
    </section>
  );
}

function Services({ services }: Pick<WhatIfResult, 'services'>) {
  return (
    <section className="card wide">
      <DataTable
        caption="How services fared, from the change on"
        rows={services}
        keyOf={({ name }) => name}
        empty="Nothing runs for anybody."
        columns={[
          { name: 'service', cell: ({ name }) => name, value: ({ name }) => name },
          {
            name: 'with the change',
            cell: ({ changed }) => fared(changed),
            value: ({ changed }) => changed.goodput,
          },
          {
            name: 'without',
            cell: ({ unchanged }) => fared(unchanged),
            value: ({ unchanged }) => unchanged.goodput,
          },
        ]}
      />
    </section>
  );
}

function Units({ services }: Pick<WhatIfResult, 'services'>) {
  const rows = services.flatMap(({ name, before, unchanged, changed, moved }) => {
    const functions = new Set(
      [before, unchanged.units, changed.units].flat().map(({ unit }) => functionOf(unit)),
    );
    return [...functions].map((of) => ({
      key: `${name} ${of}`,
      name,
      of,
      before: placesOf(before, of),
      unchanged: placesOf(unchanged.units, of),
      changed: placesOf(changed.units, of),
      isMoved: moved.some((each) => each.of === of),
    }));
  });
  return (
    <section className="card wide">
      <DataTable
        caption="Where units are"
        rows={rows}
        keyOf={({ key }) => key}
        empty="No unit runs."
        page={25}
        columns={[
          { name: 'service', cell: ({ name }) => name, value: ({ name }) => name },
          { name: 'function', cell: ({ of }) => of, value: ({ of }) => of },
          { name: 'before', cell: ({ before }) => before },
          { name: 'without the change', cell: ({ unchanged }) => unchanged },
          { name: 'with it', cell: ({ changed }) => changed },
          {
            name: 'differs',
            cell: ({ isMoved }) => (isMoved ? <span className="badge warn">▲ elsewhere</span> : 'no'),
            value: ({ isMoved }) => (isMoved ? 0 : 1),
          },
        ]}
      />
    </section>
  );
}

type Places = WhatIfResult['services'][number]['before'];

/** `member/vdu/index`: a unit that is replaced has another index. */
function functionOf(unit: string): string {
  return unit.slice(0, unit.lastIndexOf('/'));
}

function placesOf(units: Places, of: string): string {
  const there = units.filter(({ unit }) => functionOf(unit) === of);
  return there.length === 0
    ? 'nowhere'
    : there
        .map(({ host, state }) => `${host ?? 'not placed'}${state === 'running' ? '' : ` (${state})`}`)
        .join(', ');
}

function Operations({ result: { operations, runs } }: { readonly result: WhatIfResult }) {
  return (
    <section className="card wide">
      <DataTable
        caption="What was done by itself because of the change"
        rows={operations}
        keyOf={({ service, change, reason }) => `${service} ${change} ${reason}`}
        empty="Nothing."
        page={20}
        columns={[
          { name: 'service', cell: ({ service }) => service, value: ({ service }) => service },
          { name: 'what', cell: ({ change, state }) => `${change}: ${state}`, value: ({ change }) => change },
          { name: 'why', cell: ({ reason }) => reason },
        ]}
      />
      <p>
        <ViewLink to="/journal" more={{ source: runs.changed }}>
          its journal: each step, and the bids behind it
        </ViewLink>
      </p>
    </section>
  );
}

interface Load {
  readonly name: string;
  readonly total: number;
  readonly before: number;
  readonly unchanged: number;
  readonly changed: number;
}

function Loads({
  what,
  unit,
  rows,
}: {
  readonly what: string;
  readonly rows: readonly Load[];
  unit(value: number): string;
}) {
  const column = (name: string, of: 'before' | 'unchanged' | 'changed') => ({
    name,
    cell: (row: Load) => (
      <ShareBar part={row.total === 0 ? 0 : row[of] / row.total}>{unit(row[of])}</ShareBar>
    ),
    value: (row: Load) => row[of],
  });
  return (
    <section className="card wide">
      <DataTable
        caption={`${what}: what is booked`}
        rows={rows}
        keyOf={({ name }) => name}
        empty="There are none."
        page={15}
        columns={[
          { name: what.toLowerCase().slice(0, -1), cell: ({ name }) => name, value: ({ name }) => name },
          { name: 'has', number: true, cell: ({ total }) => unit(total), value: ({ total }) => total },
          column('before', 'before'),
          column('without the change', 'unchanged'),
          column('with it', 'changed'),
        ]}
      />
    </section>
  );
}

function Told({ title, all }: { readonly title: string; readonly all: readonly string[] }) {
  return (
    <section className="card">
      <h2>{title}</h2>
      <ul>
        {all.map((each) => (
          <li key={each}>{each}</li>
        ))}
      </ul>
    </section>
  );
}
