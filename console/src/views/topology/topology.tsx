import { lazy, Suspense, useMemo } from 'react';
import { useSearchParams } from 'wouter';
import type { ServiceInstance } from '../../../../src/protocol/service-record.ts';
import type { Network } from '../../data/network/network.ts';
import type { Rates } from '../../data/network/rates.ts';
import { useNetwork } from '../../data/network/use-network.ts';
import { useRates } from '../../data/network/use-rates.ts';
import type { Looking } from '../../data/use-journal.ts';
import { commandOn } from '../../parts/commands.ts';
import { many, rate } from '../../parts/figures.ts';
import { ViewLink } from '../../parts/link.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { Empty, Loading, RefusedNote } from '../../parts/states.tsx';
import { ViewFrame } from '../../parts/view-frame.tsx';
import { hopsOf } from './flows.ts';
import { NetworkTables, partOf } from './tables.tsx';
import './topology.css';

const NetworkMap = lazy(async () => ({ default: (await import('./map.tsx')).NetworkMap }));

type Focus = { readonly kind: 'site' | 'host'; readonly name: string } | undefined;

/** Sites, hosts and links as they are now, who is where, and which way the flows of a service take. */
export function Topology() {
  const focus = useFocus();
  const { looking, network, services, view, run, refused } = useNetwork();
  const rates = useRates(looking, run);
  const [service, choose] = useChosen(services);
  const hops = useMemo(() => hopsOf(service), [service]);
  return (
    <ViewFrame
      title={focus === undefined ? 'Topology' : `${focus.kind === 'site' ? 'Site' : 'Host'} ${focus.name}`}
      about="Sites, hosts and links, who is where, and what goes over the links. Nearer, more is drawn."
      command={commandOn(looking.source, 'agent', 'list')}
    >
      {refused === undefined ? null : <RefusedNote refused={refused} />}
      {network === undefined ? (
        refused === undefined ? (
          <Loading what="the network" />
        ) : null
      ) : (
        <>
          <div className="filters">
            <Where network={network} focus={focus} />
            {services.length === 0 ? null : (
              <label>
                flows of
                <select value={service?.name ?? ''} onChange={({ target }) => choose(target.value)}>
                  <option value="">no service</option>
                  {services.map(({ id, name }) => (
                    <option key={id}>{name}</option>
                  ))}
                </select>
              </label>
            )}
          </div>
          {unknown(network, focus) ? (
            <Empty>
              There is no such {focus?.kind ?? 'site'} here, or not any more. The table of all has those that
              there are.
            </Empty>
          ) : null}
          {looking.source.kind === 'up' && view?.substrate != null ? (
            <p>
              <ViewLink
                to="/what-if"
                more={{ kind: 'lose-site', ...(focus?.kind === 'site' ? { of: focus.name } : {}) }}
              >
                what if {focus?.kind === 'site' ? focus.name : 'a site'} were lost?
              </ViewLink>
            </p>
          ) : null}
          <Suspense fallback={<Loading what="the map" />}>
            <NetworkMap network={network} rates={rates} hops={hops} focus={focus} />
          </Suspense>
          <Honestly network={network} rates={rates} looking={looking} />
          <Flow service={service} rates={rates} />
          <NetworkTables {...partOf(network, focus)} rates={rates} />
        </>
      )}
    </ViewFrame>
  );
}

/** Beside the path: the map glides from one to the other, and is not made anew. */
function useFocus(): Focus {
  const [params] = useSearchParams();
  const [site, host] = [params.get('site'), params.get('host')];
  return useMemo(() => {
    if (host !== null) return { kind: 'host', name: host };
    return site === null ? undefined : { kind: 'site', name: site };
  }, [site, host]);
}

/** The service whose flows are shown; it stands in the address. */
function useChosen(services: readonly ServiceInstance[]) {
  const [params, setParams] = useSearchParams();
  const name = params.get('service') ?? '';
  const choose = (chosen: string) =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        if (chosen === '') next.delete('service');
        else next.set('service', chosen);
        return next;
      },
      { replace: true },
    );
  return [services.find((each) => each.name === name), choose] as const;
}

function unknown({ sites, hostOf }: Network, focus: Focus): boolean {
  if (focus === undefined) return false;
  return focus.kind === 'site' ? !sites.some(({ name }) => name === focus.name) : !hostOf.has(focus.name);
}

/** The way back up. */
function Where({ network, focus }: { readonly network: Network; readonly focus: Focus }) {
  const site = focus?.kind === 'host' ? network.hostOf.get(focus.name)?.site : undefined;
  return (
    <nav aria-label="What is looked at">
      {focus === undefined ? (
        `all ${many(network.sites.length, 'site')}`
      ) : (
        <ViewLink to="/topology">all {many(network.sites.length, 'site')}</ViewLink>
      )}
      {site === undefined ? null : (
        <>
          {' › '}
          <PlaceLink kind="site" name={site} />
        </>
      )}
      {focus === undefined ? null : ` › ${focus.name}`}
    </nav>
  );
}

/** What the figures at links are, and what nobody has measured. */
function Honestly({
  network,
  rates,
  looking,
}: {
  readonly network: Network;
  readonly rates: Rates;
  readonly looking: Looking;
}) {
  const counted = network.links.filter((link) => link.counted).length;
  const booked = network.links.filter((link) => link.booked !== undefined).length;
  const past = looking.source.kind === 'up' && !looking.isNow;
  return (
    <p className="about">
      {counted === 0
        ? 'No link here is measured.'
        : past
          ? 'What went over links in the past is not kept: their rates are there now. Trust and functions are as of then; hosts and services as they are now.'
          : `${many(counted, 'link')} with a stated capacity ${counted === 1 ? 'is' : 'are'} measured${rates.links.size === 0 ? ', nothing has been read yet' : ''}.`}
      {booked === 0
        ? ''
        : ` Of ${many(booked, 'link')} of services it is known what is booked, not what goes over them; what units send and receive is counted.`}
      {counted + booked === network.links.length ? '' : ' Of all others nothing is counted: dotted.'}
    </p>
  );
}

function Flow({ service, rates }: { readonly service: ServiceInstance | undefined; readonly rates: Rates }) {
  if (service === undefined) return null;
  const hops = hopsOf(service);
  return (
    <section className="card wide flow-words">
      <h2>
        Flows of <ViewLink to={`/services/${encodeURIComponent(service.name)}`}>{service.name}</ViewLink>
      </h2>
      {hops.length === 0 ? (
        <Empty>No flow is led through it. A forwarding graph in its descriptor does.</Empty>
      ) : null}
      <ol>
        {hops.map(({ chain, step, id, unit, host }) => {
          const now = rates.units.get(id);
          return (
            <li key={`${chain} ${step}`} value={step}>
              {unit} on <PlaceLink kind="host" name={host} />
              {now === undefined
                ? ''
                : `: receives ${rate(now.receivedPerSec)}, sends ${rate(now.sentPerSec)}`}
            </li>
          );
        })}
      </ol>
    </section>
  );
}
