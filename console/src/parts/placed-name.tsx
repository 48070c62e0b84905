import type { Placed } from '../data/network/network.ts';
import { ViewLink } from './link.tsx';

/** What is placed, by its name, which leads to its service. */
export function PlacedName({ placed: { name, service, state } }: { readonly placed: Placed }) {
  const amiss = state === 'running' ? '' : ` ▲ ${state}`;
  if (service === undefined) return `${name}${amiss}`;
  return (
    <>
      <ViewLink to={`/services/${encodeURIComponent(service)}`} className="nopan">
        {service} {name}
      </ViewLink>
      {amiss}
    </>
  );
}
