import { useState } from 'react';
import type { ServiceInstance } from '../../../../src/protocol/service-record.ts';
import { useAskedText } from '../../data/use-asked-text.ts';
import { Loading, RefusedNote } from '../../parts/states.tsx';
import { fareOfUnit, toldInWords } from './service-words.ts';

/** Where SOL005 has the text of a descriptor. */
function pathOf(name: string): string {
  const slash = name.indexOf('/');
  const id = encodeURIComponent(name.slice(slash + 1));
  return name.startsWith('nsd/') ? `/nsd/v1/ns_descriptors/${id}/nsd` : `/vnfpkgm/v1/vnf_packages/${id}/vnfd`;
}

/** A descriptor as it was sent, beside what runs after it. */
export function DescriptorCard({ service }: { readonly service: ServiceInstance }) {
  const names = Object.keys(service.packages);
  const [chosen, setChosen] = useState('');
  const name = names.includes(chosen) ? chosen : (names.find((each) => each.startsWith('nsd/')) ?? names[0]);
  const { value, refused } = useAskedText(name === undefined ? null : pathOf(name));
  const { vnfs, units } = service.shape;
  const shown = vnfs.filter(({ vnfdId }) => name?.startsWith('nsd/') === true || name === `vnfd/${vnfdId}`);
  if (name === undefined) return null;
  return (
    <section className="card wide">
      <h2>Descriptor, and what runs after it</h2>
      <div className="filters">
        <label>
          descriptor
          <select value={name} onChange={({ target }) => setChosen(target.value)}>
            {names.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
      </div>
      <div className="split">
        <div>
          {refused === undefined ? null : <RefusedNote refused={refused} />}
          {value === undefined ? (
            refused === undefined ? (
              <Loading what="the descriptor" />
            ) : null
          ) : (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to scroll by keyboard too
            <section className="descriptor" tabIndex={0} aria-label={`Text of ${name}`}>
              <pre>{value}</pre>
            </section>
          )}
        </div>
        <ul className="running">
          {shown.map(({ id, vnfdId, flavour, state }) => (
            <li key={id}>
              <strong>{id}</strong>: {vnfdId}, flavour {flavour}, {state.toLowerCase().replaceAll('_', ' ')}
              <ul>
                {units
                  .filter(({ vnf }) => vnf === id)
                  .map((unit) => (
                    <li key={unit.id}>
                      {unit.unit.id}: {toldInWords(fareOfUnit(unit))}
                      {unit.host === null ? '' : ` on ${unit.host}`}; {unit.unit.demand.vcpus} vCPU,{' '}
                      {unit.unit.demand.memoryMib} MiB
                    </li>
                  ))}
              </ul>
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}
