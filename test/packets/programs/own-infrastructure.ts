import { openLinuxInfrastructure } from '../../../src/adapters/infrastructure-linux/linux-infrastructure.ts';
import { orderOf, startAll } from '../support/local-sites.ts';

// An owner that is killed: starts two units and a third that is never told to go on, says so, and waits.

const [stateDir = ''] = process.argv.slice(2);
const infrastructure = await openLinuxInfrastructure({
  stateDir,
  hosts: ['a', 'b', 'c', 'd'].map((each) => ({ name: `host-${each}`, site: `site-${each}` })),
});
await startAll(infrastructure, [
  orderOf('web', 'web-server', { parameters: { text: 'here' }, address: '10.20.0.10' }),
  orderOf('client', 'client', { host: 'host-b' }),
]);
await infrastructure.setChain({
  id: 'requests',
  service: 'demo',
  match: { protocol: 6, destination: '10.20.0.10', destinationPort: 80 },
  hops: [{ unit: 'web', ingress: 'eth0', egress: 'eth0' }],
});
process.stdout.write('up\n');
// Somebody kills it while this one is on its way, at whatever step.
for (let number = 0; ; number++)
  await infrastructure.start(orderOf(`more-${number}`, 'forwarder', { host: 'host-c' }));
