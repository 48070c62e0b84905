import type { Operation } from '../../../../src/protocol/operation-record.ts';
import type { ServiceInstance } from '../../../../src/protocol/service-record.ts';
import { useJournal } from '../../data/use-journal.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { many } from '../../parts/figures.ts';
import { ViewLink } from '../../parts/link.tsx';
import { Empty, Loading, RefusedNote } from '../../parts/states.tsx';
import { ViewFrame } from '../../parts/view-frame.tsx';
import { fareOf, runningUnits } from './service-words.ts';
import { ServicesByThen } from './services-by-then.tsx';
import { ToldBadge } from './told-badge.tsx';
import { useServices } from './use-services.ts';

/** All services, how each fares, and what waits. */
export function ServiceList() {
  const { source, isNow } = useJournal();
  return (
    <ViewFrame
      title="Services"
      about="What runs for whom, how much of it, and what waits for what."
      command="muster service list"
    >
      {source.kind === 'run' ? (
        <Empty>
          A run of a scenario has no services. <ViewLink to="/scenarios">Scenarios</ViewLink> has the runs;
          choose “what is up now” above for its services.
        </Empty>
      ) : isNow ? (
        <OfNow />
      ) : (
        <ServicesByThen />
      )}
    </ViewFrame>
  );
}

function OfNow() {
  const { services, operations } = useServices(true);
  const open = new Map(operations.value?.map((each) => [each.id, each]));
  return (
    <>
      <p className="actions">
        <ViewLink to="/packages" className="button">
          Drop packages and service files …
        </ViewLink>
      </p>
      {services.refused === undefined ? null : <RefusedNote refused={services.refused} />}
      {services.value === undefined ? (
        services.refused === undefined ? (
          <Loading what="the services" />
        ) : null
      ) : (
        <List services={services.value} open={open} />
      )}
    </>
  );
}

interface ListProps {
  readonly services: readonly ServiceInstance[];
  readonly open: ReadonlyMap<string, Operation>;
}

function List({ services, open }: ListProps) {
  const fare = (service: ServiceInstance) => fareOf(service, open.get(service.operation ?? ''));
  return (
    <DataTable
      caption={many(services.length, 'service')}
      rows={services}
      keyOf={({ id }) => id}
      empty={
        <>
          There is no service yet. <ViewLink to="/packages">Drop packages</ViewLink> here, or try{' '}
          <code>muster service apply catalogue/protected-web_ns catalogue/*_vnf</code>.
        </>
      }
      columns={[
        {
          name: 'service',
          cell: ({ id, name }) => <ViewLink to={`/services/${encodeURIComponent(id)}`}>{name}</ViewLink>,
          value: ({ name }) => name,
        },
        {
          name: 'state',
          cell: (service) => <ToldBadge told={fare(service)} />,
          value: (service) => fare(service).words,
        },
        {
          name: 'units running',
          number: true,
          cell: (service) => `${runningUnits(service)} of ${service.shape.units.length}`,
          value: runningUnits,
        },
        {
          name: 'chains',
          number: true,
          cell: ({ shape }) => shape.chains.length,
          value: ({ shape }) => shape.chains.length,
        },
        { name: 'after the NSD', cell: ({ nsdId }) => nsdId, value: ({ nsdId }) => nsdId },
        { name: 'what waits, and for what', cell: (service) => waits(service, open) },
      ]}
    />
  );
}

function waits({ notes, operation }: ServiceInstance, open: ListProps['open']): string {
  const step = open.get(operation ?? '')?.steps.find(({ state }) => state === 'doing' || state === 'failed');
  return [...(step === undefined ? [] : [`${step.kind}: ${step.about}`]), ...notes].join('; ');
}
