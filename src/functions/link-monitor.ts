import { readFileSync } from 'node:fs';
import type { RateState } from '../core/traffic/link-rate.ts';
import { emptyRate, observeRate, overThreshold } from '../core/traffic/link-rate.ts';
import type { FunctionProgram } from './function-program.ts';
import { serveMetrics } from './metrics-server.ts';
import { port, readParameters, readUnitParameters, whole } from './parameters.ts';

const PERIOD_MS = 100;
const threshold = whole(1, 1_000_000_000_000, 1_000_000_000_000);

interface Watched {
  readonly state: RateState;
  readonly bytes: number;
  readonly rate: number;
  readonly over: boolean;
}

/** Forwards, and tells at `/metrics` how much comes in at each interface, and whether that is more than `threshold-bytes` a second. */
export const linkMonitor: FunctionProgram = async ({ parameters, interfaces }) => {
  const given = readUnitParameters(parameters, { 'metrics-port': port(9100), 'threshold-bytes': threshold });
  let limit = given['threshold-bytes'];
  const watched = new Map<string, Watched>();
  const look = () => {
    const now = performance.now();
    for (const { device, name } of interfaces) {
      const bytes = receivedBytes(device);
      const before = watched.get(name) ?? { state: emptyRate, bytes: 0, rate: 0, over: false };
      const { state, rateBytesPerSec: rate } = observeRate(before.state, bytes, now);
      const over = overThreshold(rate, limit, before.over);
      if (over !== before.over)
        process.stdout.write(`${name}: ${Math.round(rate)} B/s, ${over ? 'over' : 'under'} ${limit}\n`);
      watched.set(name, { state, bytes, rate, over });
    }
  };
  look();
  const timer = setInterval(look, PERIOD_MS);
  const values = (read: (each: Watched) => number) =>
    [...watched].map(([name, each]) => ({ labels: { interface: name }, value: read(each) }));
  const stopMetrics = await serveMetrics(given['metrics-port'], () => [
    {
      name: 'muster_link_received_bytes_total',
      help: 'Bytes that came in at the interface.',
      type: 'counter',
      values: values((each) => each.bytes),
    },
    {
      name: 'muster_link_received_bytes_per_second',
      help: 'Rate over the last 300 ms.',
      type: 'gauge',
      values: values((each) => Math.round(each.rate)),
    },
    {
      name: 'muster_link_over_threshold',
      help: '1 while the rate is over the threshold.',
      type: 'gauge',
      values: values((each) => (each.over ? 1 : 0)),
    },
  ]);
  return {
    stop: async () => {
      clearInterval(timer);
      await stopMetrics();
    },
    primitives: {
      'set-threshold': async (asked) => {
        limit = readParameters(asked, { 'threshold-bytes': threshold })['threshold-bytes'];
        return `${limit} B/s`;
      },
    },
  };
};

function receivedBytes(device: string): number {
  const line = readFileSync('/proc/self/net/dev', 'utf8')
    .split('\n')
    .find((each) => each.trimStart().startsWith(`${device}:`));
  return Number(line?.split(':')[1]?.trim().split(/\s+/)[0] ?? 0);
}
