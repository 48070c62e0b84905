import type { Status } from '../../../../src/protocol/up-status.ts';
import { many } from '../../parts/figures.ts';
import { ViewLink } from '../../parts/link.tsx';
import { OfNow } from '../../parts/of-now.tsx';
import { RefusedPart } from '../../parts/states.tsx';
import { fareOf } from '../services/service-words.ts';
import { ToldBadge } from '../services/told-badge.tsx';
import { useServices } from '../services/use-services.ts';
import { Figure } from './figure.tsx';

/** More are named in their own view. */
const MOST = 12;

/** What runs for whom, each with how it fares. */
export function ServicesCard({ status: { services } }: { readonly status: Status }) {
  return (
    <section className="card">
      <h2>Services</h2>
      <OfNow />
      {services === null ? (
        <p className="about">Nobody manages services here: muster up --sites 4 does.</p>
      ) : (
        <>
          <Named />
          <dl className="figures">
            {Object.entries(services).map(([name, value]) =>
              typeof value === 'number' ? <Figure key={name} name={name} value={value} /> : null,
            )}
          </dl>
        </>
      )}
    </section>
  );
}

function Named() {
  const { services, operations } = useServices(true);
  const open = new Map(operations.value?.map((each) => [each.id, each]));
  const known = services.value ?? [];
  return (
    <>
      <RefusedPart refused={services.refused} />
      <ul>
        {known.slice(0, MOST).map((service) => (
          <li key={service.id}>
            <ViewLink to={`/services/${encodeURIComponent(service.name)}`}>{service.name}</ViewLink>{' '}
            <ToldBadge told={fareOf(service, open.get(service.operation ?? ''))} />
          </li>
        ))}
      </ul>
      {known.length <= MOST ? null : (
        <p>
          <ViewLink to="/services">all {many(known.length, 'service')}</ViewLink>
        </p>
      )}
    </>
  );
}
