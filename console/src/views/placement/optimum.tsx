import { useState } from 'react';
import type { OptimumView } from '../../../../src/protocol/optimum-view.ts';
import type { ServiceInstance } from '../../../../src/protocol/service-record.ts';
import { ask, Refused } from '../../data/ask.ts';
import { useSession } from '../../data/session.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { figure, rate } from '../../parts/figures.ts';
import { PlaceLink } from '../../parts/place-link.tsx';
import { RefusedNote } from '../../parts/states.tsx';

const WITHIN_S = 20;

/** How far what is placed is from the best that there is: looked for when it is asked for, as it takes a processor. */
export function Optimum({ services }: { readonly services: readonly ServiceInstance[] }) {
  const [chosen, setChosen] = useState('');
  const [view, setView] = useState<OptimumView>();
  const [refused, setRefused] = useState<Refused>();
  const [busy, setBusy] = useState(false);
  const mayAsk = useSession()?.role === 'operator';
  const look = async () => {
    setBusy(true);
    setRefused(undefined);
    try {
      const body = { withinS: WITHIN_S, ...(chosen === '' ? {} : { service: chosen }) };
      setView(await ask<OptimumView>('/v1/placement/optimum', { method: 'POST', body }));
    } catch (error) {
      setRefused(error instanceof Refused ? error : new Refused(0, String(error), ''));
    }
    setBusy(false);
  };
  return (
    <section className="card wide">
      <h2>Distance from the optimum</h2>
      <p className="about">
        The exact optimum is looked for with all that is known of all sites, for {WITHIN_S} s at most. That
        moves nothing; it takes a processor meanwhile.
      </p>
      <div className="filters">
        <label>
          of
          <select value={chosen} onChange={({ target }) => setChosen(target.value)}>
            <option value="">all services together</option>
            {services.map(({ id, name }) => (
              <option key={id} value={id}>
                {name} alone, the others stay
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          disabled={!mayAsk || busy}
          title={mayAsk ? '' : 'for operators'}
          onClick={() => void look()}
        >
          {busy ? 'it is looked for …' : 'look for the optimum'}
        </button>
        {mayAsk ? null : <span className="about">for operators</span>}
      </div>
      {refused === undefined ? null : <RefusedNote refused={refused} />}
      {view === undefined ? null : <Found view={view} />}
    </section>
  );
}

function Found({ view }: { readonly view: OptimumView }) {
  return (
    <>
      <p role="status">{distanceInWords(view)}</p>
      <DataTable
        caption="Where the optimum has each unit"
        rows={view.units}
        keyOf={({ service, unit }) => `${service} ${unit}`}
        empty="Nothing was compared."
        page={20}
        columns={[
          { name: 'service', cell: ({ service }) => service, value: ({ service }) => service },
          { name: 'unit', cell: ({ unit }) => unit, value: ({ unit }) => unit },
          {
            name: 'is at',
            cell: ({ host }) => <PlaceLink kind="host" name={host} />,
            value: ({ host }) => host,
          },
          {
            name: 'at best at',
            cell: ({ host, best }) => (best === null ? 'not known' : best === host ? '✓ the same' : best),
            value: ({ best }) => best ?? '',
          },
        ]}
      />
    </>
  );
}

/** In a sentence. What is placed and what the optimum takes are bandwidth times hops. */
export function distanceInWords({
  services,
  byteHops,
  outcome,
  best,
  bound,
  reason,
  tookMs,
}: OptimumView): string {
  const what = `${services.join(', ')}: as placed ${rate(byteHops)} times hops`;
  const took = `found within ${figure(Math.round(tookMs) / 1000)} s`;
  switch (outcome) {
    case 'optimal':
      return `${what}, at best ${rate(best ?? 0)}: ${distance(byteHops, best ?? 0)} (${took}, proved).`;
    case 'time-limit':
      return best === null
        ? `${what}. No optimum was found in time; none takes less than ${rate(bound ?? 0)}.`
        : `${what}, the best that was found in time ${rate(best)}: ${distance(byteHops, best)}; none takes less than ${rate(bound ?? 0)}.`;
    case 'infeasible':
      return `${what}. Placed anew it would not fit by its own rules: it has come about step by step.`;
    default:
      return `${what}. No optimum was found: ${reason}.`;
  }
}

function distance(byteHops: number, best: number): string {
  if (byteHops <= best + 1e-6) return '✓ as good as it can be';
  if (best === 0) return `▲ ${rate(byteHops)} more than needed`;
  return `▲ ${figure(Math.round((byteHops / best - 1) * 1000) / 10)} % more`;
}
