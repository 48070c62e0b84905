import type { Operation } from '../../../../src/protocol/operation-record.ts';
import type { ServiceInstance } from '../../../../src/protocol/service-record.ts';
import { useJournal } from '../../data/use-journal.ts';
import { ViewLink } from '../../parts/link.tsx';
import { Empty, Loading, RefusedNote } from '../../parts/states.tsx';
import { ViewFrame } from '../../parts/view-frame.tsx';
import { ConfigurationCard } from './configuration-card.tsx';
import { DescriptorCard } from './descriptor-card.tsx';
import { FunctionsCard } from './functions-card.tsx';
import { GraphCard } from './graph-card.tsx';
import { HistoryCard } from './history-card.tsx';
import { OperationCard } from './operation-card.tsx';
import { OperationsCard } from './operations-card.tsx';
import { PipelineCard } from './pipeline-card.tsx';
import { PlacementCard } from './placement-card.tsx';
import { PrimitivesCard } from './primitives-card.tsx';
import { ServiceActions } from './service-actions.tsx';
import { fareOf, runningUnits } from './service-words.ts';
import { ToldBadge } from './told-badge.tsx';
import { UnitsCard } from './units-card.tsx';
import { useService } from './use-services.ts';

/** What is over is shown so long after: some operations take less than a second. */
const SHOWN_AFTER_MS = 30_000;

/** One service: what runs of it and where, what is being done to it, its chains, and how its places were found. */
export function ServiceDetail({ named }: { readonly named: string }) {
  const { source, isNow } = useJournal();
  const { service, operations, again } = useService(named);
  const name = service.value?.name ?? named;
  return (
    <ViewFrame
      title={`Service ${name}`}
      about="What runs of it and where, what is being done to it, and why it is where it is."
      command={`muster service describe ${name}`}
    >
      {source.kind === 'run' ? (
        <Empty>A run of a scenario has no services. Choose “what is up now” above.</Empty>
      ) : !isNow ? (
        <AsItWas named={service.value?.id ?? named} units={unitsOf(service.value)} />
      ) : (
        <>
          {service.refused === undefined ? null : <RefusedNote refused={service.refused} />}
          {service.value === undefined ? (
            service.refused === undefined ? (
              <Loading what="the service" />
            ) : (
              <Gone named={named} />
            )
          ) : service.refused?.status === 404 ? (
            <Gone named={service.value.id} />
          ) : (
            <Known service={service.value} operations={operations.value ?? []} again={again} />
          )}
        </>
      )}
    </ViewFrame>
  );
}

function unitsOf(service: ServiceInstance | undefined): readonly string[] {
  return service?.shape.units.map(({ unit }) => unit.id) ?? [];
}

/** Of what is not there any more the journal still tells. */
function Gone({ named }: { readonly named: string }) {
  return (
    <>
      <p>
        <ViewLink to="/services">All services</ViewLink>
      </p>
      <AsItWas named={named} units={[]} />
    </>
  );
}

function AsItWas({ named, units }: { readonly named: string; readonly units: readonly string[] }) {
  return (
    <div className="cards service">
      <HistoryCard service={named} />
      <PlacementCard service={named} units={units} />
    </div>
  );
}

interface KnownProps {
  readonly service: ServiceInstance;
  readonly operations: readonly Operation[];
  again(): void;
}

function Known({ service, operations, again }: KnownProps) {
  const open = operations.find(({ id }) => id === service.operation);
  const shown = open ?? operations.find((each) => Date.now() - each.enteredAtMs < SHOWN_AFTER_MS);
  const { units } = service.shape;
  return (
    <>
      <p role="status" className="service-state">
        <ToldBadge told={fareOf(service, open)} /> {runningUnits(service)} of {units.length} units run, after
        the NSD {service.nsdId}
        {service.flavour === '' ? '' : ` in the flavour ${service.flavour}`}. A site that is silent for{' '}
        {service.partitionGraceMs / 1000} s: {service.onPartition}.
      </p>
      <ServiceActions service={service} again={again} />
      <div className="cards service">
        {shown === undefined ? null : <OperationCard operation={shown} again={again} />}
        {service.notes.length === 0 ? null : (
          <section className="card wide">
            <h2>What waits, and for what</h2>
            <ul>
              {service.notes.map((note) => (
                <li key={note}>{note}</li>
              ))}
            </ul>
          </section>
        )}
        <UnitsCard service={service} again={again} />
        <FunctionsCard service={service} again={again} />
        <PrimitivesCard service={service} operations={operations} again={again} />
        <GraphCard service={service} operations={operations} />
        <PlacementCard service={service.id} units={unitsOf(service)} />
        <DescriptorCard service={service} />
        <ConfigurationCard service={service} again={again} />
        <OperationsCard operations={operations} again={again} />
        <PipelineCard service={service.name} />
      </div>
    </>
  );
}
