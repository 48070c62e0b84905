import { expect, test } from 'vitest';
import type { TraceEntry } from '../../src/core/bdi/trace.ts';
import { createForwardingGraph } from './forwarding-graph.ts';

test('a new flow that two functions could take goes to the one that is less busy, as in the paper’s Figure 4', () => {
  const trace: TraceEntry[] = [];
  const { forwarded, see, run } = createForwardingGraph(
    { vnf3: { cpu: 8 } },
    { push: (entry) => trace.push(entry) },
  );
  // Yellow and red take a lot, and only VNF3 is there for them.
  see('yellow', 3);
  run(0);
  see('red', 3);
  run(10);
  expect(Object.fromEntries(forwarded)).toEqual({ yellow: 'vnf3', red: 'vnf3' });

  const busy = createForwardingGraph(
    { vnf2: { cpu: 8 }, vnf3: { cpu: 8 } },
    { push: (entry) => trace.push(entry) },
  );
  busy.see('yellow', 3);
  busy.run(0);
  const first = busy.forwarded.get('yellow');
  busy.see('green', 1);
  busy.run(10);
  // Whichever took the heavy flow, the next one goes to the other.
  expect(busy.forwarded.get('green')).not.toBe(first);
  const auctions = trace.flatMap(({ draft }) =>
    draft.kind === 'auction' && draft.status === 'completed' ? [draft] : [],
  );
  const green = auctions.find((each) => each.goal.includes('green'));
  expect(green?.bids).toHaveLength(2);
  expect(
    green?.bids.find((each) => each.outcome === 'lost')?.parts.some((part) => part.name === 'utility'),
  ).toBe(true);
});

test('a flow that is known is not auctioned again, and one that fits nowhere is asked for again only when it is seen anew', () => {
  const trace: TraceEntry[] = [];
  const { forwarded, see, run } = createForwardingGraph(
    { vnf2: { cpu: 2 } },
    { push: (entry) => trace.push(entry) },
  );
  see('yellow', 1);
  run(0);
  see('yellow', 1);
  run(10);
  see('huge', 50);
  run(20);
  expect(Object.fromEntries(forwarded)).toEqual({ yellow: 'vnf2' });
  const opened = trace.flatMap(({ draft }) =>
    draft.kind === 'auction' && draft.status === 'opened' ? [draft.goal] : [],
  );
  expect(opened.filter((goal) => goal.includes('yellow'))).toHaveLength(1);
  expect(opened.filter((goal) => goal.includes('huge')).length).toBeGreaterThan(0);
});
