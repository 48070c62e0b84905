import { newKemKey } from '../../adapters/keys/kem-key.ts';
import { newSigningKey } from '../../adapters/keys/signing-key.ts';
import type { FromSite } from '../../protocol/site-control.ts';
import { ToSiteSchema } from '../../protocol/site-control.ts';
import { boundedReport } from './bounded-report.ts';
import { SiteDaemon } from './site-daemon.ts';

process.on('SIGUSR1', () => {});
// A terminal's interrupt goes to the whole group: the supervisor ends its daemons in order.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});

const kemKey = await newKemKey();
const linkKey = newSigningKey();
let daemon: SiteDaemon | undefined;
const report = boundedReport<FromSite>((message, done) => {
  if (process.connected) process.send?.(message, undefined, undefined, done);
});
const end = (): void => {
  daemon?.close();
  process.exit(0);
};
process.on('disconnect', end);
process.on('SIGTERM', end);
process.on('message', (input) => {
  const parsed = ToSiteSchema.safeParse(input);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    report({
      kind: 'log',
      who: 'daemon',
      text: `not understood: ${issue?.path.join('.')}: ${issue?.message}`,
    });
    return;
  }
  const message = parsed.data;
  if (message.kind !== 'site') {
    daemon?.take(message);
    return;
  }
  if (daemon !== undefined) return;
  daemon = new SiteDaemon({ site: message, kemKey, linkKey, report });
  daemon.start().catch((error: unknown) => {
    report({ kind: 'log', who: 'daemon', text: String(error) });
    process.exit(1);
  });
});
