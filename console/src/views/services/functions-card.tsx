import { useState } from 'react';
import type { ServiceInstance, VnfRecord } from '../../../../src/protocol/service-record.ts';
import { ActionButton } from '../../parts/confirm-dialog.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { doToService } from './do-to-service.ts';
import { whyNotNow } from './service-words.ts';

interface Props {
  readonly service: ServiceInstance;
  again(): void;
}

/** The functions of a service and their levels; what can be scaled is scaled here. */
export function FunctionsCard({ service, again }: Props) {
  const { units, vnfs } = service.shape;
  return (
    <section className="card wide">
      <h2>Functions</h2>
      <DataTable
        caption="Functions and their scaling levels"
        captionHidden
        rows={vnfs}
        keyOf={({ id }) => id}
        empty="It has no functions yet."
        columns={[
          { name: 'function', cell: ({ id }) => id, value: ({ id }) => id },
          { name: 'VNFD', cell: ({ vnfdId }) => vnfdId, value: ({ vnfdId }) => vnfdId },
          {
            name: 'units',
            number: true,
            cell: ({ id }) => units.filter(({ vnf }) => vnf === id).length,
            value: ({ id }) => units.filter(({ vnf }) => vnf === id).length,
          },
          {
            name: 'levels',
            cell: (vnf) => levelsOf(vnf) || 'does not scale',
          },
          {
            name: 'scale',
            cell: (vnf) =>
              Object.keys(vnf.levels).map((aspect) => (
                <Scale key={aspect} service={service} vnf={vnf} aspect={aspect} again={again} />
              )),
          },
        ]}
      />
    </section>
  );
}

function levelsOf({ levels }: VnfRecord): string {
  return Object.entries(levels)
    .map(([aspect, level]) => `${aspect} at level ${level}`)
    .join(', ');
}

interface ScaleProps extends Props {
  readonly vnf: VnfRecord;
  readonly aspect: string;
}

function Scale({ service, vnf, aspect, again }: ScaleProps) {
  const [direction, setDirection] = useState<'out' | 'in'>('out');
  const [steps, setSteps] = useState(1);
  const level = vnf.levels[aspect] ?? 0;
  const next = direction === 'out' ? level + steps : level - steps;
  return (
    <ActionButton
      label="Scale"
      about={`${vnf.id} along ${aspect}`}
      title={`Scale ${vnf.id} of ${service.name}?`}
      confirm={`scale ${direction}`}
      command={`muster service scale ${service.name} --vnf ${vnf.id} --aspect ${aspect} --${direction} --steps ${steps}`}
      unless={whyNotNow(service)}
      lacking={next < 0 ? `There is no level below 0: it is at ${level}.` : undefined}
      act={async () => {
        await doToService(service.id, 'scale', { vnf: vnf.id, aspect, direction, steps });
        again();
      }}
    >
      <div className="filters">
        <label>
          direction
          <select
            value={direction}
            onChange={({ target }) => setDirection(target.value === 'in' ? 'in' : 'out')}
          >
            <option value="out">out: more units</option>
            <option value="in">in: fewer units</option>
          </select>
        </label>
        <label>
          levels
          <input
            type="number"
            min={1}
            max={1000}
            value={steps}
            onChange={({ target }) =>
              setSteps(Math.min(1000, Math.max(1, Math.round(Number(target.value)) || 1)))
            }
          />
        </label>
      </div>
      <p>
        {aspect} goes from level {level} to {next}.{' '}
        {direction === 'out'
          ? 'New units are placed by auction, started, and have their share of the chains.'
          : 'Units that are not needed any more leave the chains, and are stopped.'}
      </p>
    </ActionButton>
  );
}
