import { parseArgs } from 'node:util';
import {
  chainThrough,
  freshKey,
  orderOf,
  probe,
  sitesOfTest,
  stampedOrders,
  stampList,
  startAll,
} from '../../test/packets/support/local-sites.ts';

// From the orders for a chain of three functions over three of four sites to the first reply that all of them have stamped, both ways.
// Linux, root. The sites and the client are there before; what is measured is the infrastructure alone, without auctions and packages.

const { values } = parseArgs({ options: { runs: { type: 'string', default: '50' } } });
const runs = Number(values.runs);
const sites = sitesOfTest('bench');
const infrastructure = await sites.open();
const started: number[] = [];
const replied: number[] = [];
try {
  await startAll(infrastructure, [orderOf('client', 'client', { host: 'host-d' })]);
  for (let run = 0; run < runs; run++) {
    const [wall, limiter, web] = ['wall', 'limiter', 'web'].map((name) => ({ name, key: freshKey() }));
    if (wall === undefined || limiter === undefined || web === undefined) break;
    const orders = stampedOrders(
      [
        { ...wall, image: 'firewall', host: 'host-a', parameters: { rules: 'accept tcp port 80' } },
        { ...limiter, image: 'rate-limiter', host: 'host-b' },
      ],
      { ...web, image: 'web-server', host: 'host-c' },
    );
    const beganAt = performance.now();
    await startAll(infrastructure, orders);
    await infrastructure.setChain(chainThrough(['wall', 'limiter', 'web']));
    started.push(performance.now() - beganAt);
    const said = await probe(infrastructure, stampList([wall, limiter, web]), 'probe-until');
    if (!said.startsWith('verified')) throw new Error(said);
    replied.push(performance.now() - beganAt);
    await infrastructure.removeChain('requests');
    await Promise.all(orders.map(({ id }) => infrastructure.stop(id)));
    process.stderr.write(`${run + 1}/${runs}: ${Math.round(replied.at(-1) ?? 0)} ms\n`);
  }
} finally {
  await infrastructure.destroy();
  sites.forget();
}
const row = (name: string, all: readonly number[]) => {
  const sorted = all.toSorted((a, b) => a - b);
  const at = (share: number) =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return `${name.padEnd(30)} p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, most ${at(1)} ms`;
};
process.stdout.write(
  `${row('units healthy, chain set', started)}\n${row('first verified reply', replied)}\n${replied.length} runs\n`,
);
