import type { ServiceInstance, UnitRecord } from '../../../../src/protocol/service-record.ts';
import { ActionButton } from '../../parts/confirm-dialog.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { doToService } from './do-to-service.ts';
import { fareOfUnit, whyBusy } from './service-words.ts';
import { ToldBadge } from './told-badge.tsx';

interface Props {
  readonly service: ServiceInstance;
  again(): void;
}

/** Where each unit runs, and how it fares. */
export function UnitsCard({ service, again }: Props) {
  const heal = (unit: UnitRecord) => async () => {
    await doToService(service.id, 'heal', { units: [unit.id] });
    again();
  };
  return (
    <section className="card wide">
      <h2>Units</h2>
      <DataTable
        caption="Units, where they run, and how they fare"
        captionHidden
        rows={service.shape.units}
        keyOf={({ id }) => id}
        empty="Nothing of it runs. Start it, or apply its file."
        columns={[
          { name: 'unit', cell: ({ unit }) => unit.id, value: ({ unit }) => unit.id },
          {
            name: 'state',
            cell: (unit) => (
              <>
                <ToldBadge told={fareOfUnit(unit)} /> {unit.reason ?? ''}
              </>
            ),
            value: ({ state }) => state,
          },
          { name: 'site', cell: ({ site }) => site ?? 'not placed', value: ({ site }) => site ?? '' },
          { name: 'host', cell: ({ host }) => host ?? '', value: ({ host }) => host ?? '' },
          {
            name: 'addresses',
            cell: ({ addresses }) =>
              Object.entries(addresses)
                .map(([face, address]) => `${face} ${address}`)
                .join(', '),
          },
          {
            name: 'replace',
            cell: (unit) => (
              <ActionButton
                label="Replace"
                about={unit.unit.id}
                title={`Replace ${unit.unit.id}?`}
                confirm="replace it"
                command={`muster service heal ${service.name} --unit ${unit.unit.id}`}
                unless={whyBusy(service)}
                act={heal(unit)}
              >
                <p>
                  A new unit is placed by auction, started and chained in its place, then this one is stopped.
                  The new one has another number.
                </p>
              </ActionButton>
            ),
          },
        ]}
      />
    </section>
  );
}
