import { useState } from 'react';
import type { Operation } from '../../../../src/protocol/operation-record.ts';
import type { PrimitiveView } from '../../../../src/protocol/primitive-view.ts';
import type { ServiceInstance } from '../../../../src/protocol/service-record.ts';
import { useAsked } from '../../data/use-asked.ts';
import { ActionButton } from '../../parts/confirm-dialog.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { doToService } from './do-to-service.ts';
import { whyNotNow } from './service-words.ts';

interface Props {
  readonly service: ServiceInstance;
  again(): void;
}

/** What can be done to the functions of a service on demand, and what came of it the last time. */
export function PrimitivesCard({
  service,
  operations,
  again,
}: Props & { readonly operations: readonly Operation[] }) {
  const { value = [] } = useAsked<readonly PrimitiveView[]>(
    `/v1/services/${encodeURIComponent(service.id)}/primitives`,
  );
  if (value.length === 0) return null;
  return (
    <section className="card wide">
      <h2>Primitives</h2>
      <DataTable
        caption="What can be done to its functions"
        captionHidden
        rows={value}
        keyOf={({ vnf, primitive }) => `${vnf} ${primitive}`}
        empty=""
        columns={[
          { name: 'function', cell: ({ vnf }) => vnf, value: ({ vnf }) => vnf },
          { name: 'primitive', cell: ({ primitive }) => primitive, value: ({ primitive }) => primitive },
          {
            name: 'parameters',
            cell: ({ parameters }) =>
              parameters
                .map(({ name, value: usual }) => (usual === null ? name : `${name} (${usual})`))
                .join(', '),
          },
          { name: 'last time', cell: (row) => lastOf(row, operations) },
          {
            name: 'do it',
            cell: (row) => row.refused ?? <CarryOut service={service} primitive={row} again={again} />,
          },
        ]}
      />
    </section>
  );
}

/** Operations are given the newest first. */
function lastOf({ vnf, primitive }: PrimitiveView, operations: readonly Operation[]): string {
  const last = operations.find(
    ({ params }) => params.kind === 'action' && params.vnf === vnf && params.primitive === primitive,
  );
  if (last === undefined) return '';
  const said = last.outputs.map(({ unit, output }) => `${unit}: ${output.trim() || 'done'}`).join('; ');
  const wrong = last.errors.map(({ message }) => message).join('; ');
  return [last.state.toLowerCase().replaceAll('_', ' '), said, wrong]
    .filter((each) => each !== '')
    .join(': ');
}

/** As a word of a command line. */
function quoted(text: string): string {
  return /^[\w.:=/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function CarryOut({ service, primitive, again }: Props & { readonly primitive: PrimitiveView }) {
  const { vnf, primitive: name, parameters } = primitive;
  const units = service.shape.units.filter((each) => each.vnf === vnf);
  const [unit, setUnit] = useState('');
  const [given, setGiven] = useState<Readonly<Record<string, string>>>({});
  const values = parameters.flatMap((each): [string, string][] => {
    const value = given[each.name] ?? each.value;
    return value === null ? [] : [[each.name, value]];
  });
  const lacking = parameters.filter((each) => (given[each.name] ?? each.value ?? '') === '');
  const flags = [
    ...(unit === '' ? [] : [`--unit ${quoted(unit)}`]),
    ...values.map((each) => `--param ${quoted(each.join('='))}`),
  ];
  return (
    <ActionButton
      label="Carry out"
      about={`${name} of ${vnf}`}
      title={`Carry out ${name} of ${vnf}?`}
      confirm="carry it out"
      command={[`muster service action ${service.name} --vnf ${vnf} --primitive ${name}`, ...flags].join(' ')}
      unless={whyNotNow(service)}
      lacking={lacking.length === 0 ? undefined : `It needs ${lacking.map((each) => each.name).join(', ')}.`}
      act={async () => {
        const parts = { vnf, primitive: name, parameters: Object.fromEntries(values) };
        await doToService(service.id, 'action', unit === '' ? parts : { ...parts, unit });
        again();
      }}
    >
      <div className="filters">
        <label>
          on
          <select value={unit} onChange={({ target }) => setUnit(target.value)}>
            <option value="">all units of {vnf}</option>
            {units.map((each) => (
              <option key={each.id}>{each.unit.id}</option>
            ))}
          </select>
        </label>
        {parameters.map((each) => (
          <label key={each.name}>
            {each.name}
            {each.type === null ? '' : ` (${each.type.toLowerCase()})`}
            <input
              value={given[each.name] ?? each.value ?? ''}
              maxLength={1000}
              onChange={({ target }) => setGiven({ ...given, [each.name]: target.value })}
            />
          </label>
        ))}
      </div>
      <p>It is run inside the function, with these values; what it answers is told here.</p>
    </ActionButton>
  );
}
