import { useState } from 'react';
import type { Operation } from '../../../../src/protocol/operation-record.ts';
import type { ServiceInstance } from '../../../../src/protocol/service-record.ts';
import { ChainGraph } from './chain-graph.tsx';
import { graphRows } from './graph-layout.ts';
import { fareOfOperation, toldInWords } from './service-words.ts';

interface Props {
  readonly service: ServiceInstance;
  readonly operations: readonly Operation[];
}

/** How flows are led through the functions: as it is, or before and after an operation. */
export function GraphCard({ service, operations }: Props) {
  const [chosen, setChosen] = useState('');
  const operation = operations.find(({ id }) => id === chosen);
  return (
    <section className="card wide">
      <h2>Forwarding graph</h2>
      <div className="filters">
        <label>
          as it is, or before and after
          <select
            value={operation === undefined ? '' : chosen}
            onChange={({ target }) => setChosen(target.value)}
          >
            <option value="">as it is now</option>
            {operations.map((each) => (
              <option key={each.id} value={each.id}>
                {each.params.kind} at {new Date(each.startedAtMs).toLocaleTimeString()},{' '}
                {toldInWords(fareOfOperation(each))}
              </option>
            ))}
          </select>
        </label>
      </div>
      {operation === undefined ? (
        <ChainGraph title="As it is now" rows={graphRows(service.shape, undefined)} alone="" />
      ) : (
        <div className="before-after">
          <div>
            <h3>Before</h3>
            <ChainGraph title="Before" rows={graphRows(operation.before, operation.target)} alone="goes" />
          </div>
          <div>
            <h3>After</h3>
            <ChainGraph title="After" rows={graphRows(operation.target, operation.before)} alone="new" />
          </div>
        </div>
      )}
    </section>
  );
}
