import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { operationOver, serviceBench } from './testing/service-bench.ts';

const read = (path: string) =>
  readFileSync(new URL(`../../../catalogue/${path}.yaml`, import.meta.url), 'utf8');
const vnfd = (name: string) => read(`${name}_vnf/${name}_vnfd`);

test.each([
  ['protected-web', ['firewall', 'rate-limiter', 'web-server'], '10.20.0.10'],
  ['watched-video', ['link-monitor', 'anomaly-detector', 'classifier', 'video-streamer'], '10.22.0.10'],
] as const)(
  'nothing that is sent to the server of %s goes around a function',
  async (nsd, functions, server) => {
    const bench = await serviceBench();
    try {
      await bench.onboard(vnfd('client'), ...functions.map(vnfd), read(`${nsd}_ns/${nsd}_nsd`));
      const { operation } = await bench.manager.apply({ service: { name: 'shop', nsd } });
      expect(await operationOver(bench, operation)).toMatchObject({ state: 'COMPLETED', errors: [] });
      const { chains } = (await bench.manager.get('shop')).shape;
      expect(chains.map(({ match }) => match)).toContainEqual({ destination: server });
      for (const { id, hops } of chains) {
        expect(hops).toHaveLength(functions.length);
        const journey = bench.twin.send(id, 'nonce');
        expect([journey?.request.length, journey?.reply.length]).toEqual([
          functions.length,
          functions.length,
        ]);
      }
    } finally {
      await bench.close();
    }
  },
);
