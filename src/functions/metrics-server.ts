import { createServer } from 'node:http';

/** One figure in the format of Prometheus. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  readonly values: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
}

export function metricsText(metrics: readonly Metric[]): string {
  return metrics
    .flatMap(({ name, help, type, values }) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
      ...values.map(({ labels, value }) => {
        const inside = Object.entries(labels).map(([key, each]) => `${key}=${JSON.stringify(each)}`);
        return `${name}${inside.length === 0 ? '' : `{${inside.join(',')}}`} ${value}`;
      }),
    ])
    .concat('')
    .join('\n');
}

/** Serves them at `/metrics`; answers how to stop. */
export async function serveMetrics(
  port: number,
  read: () => readonly Metric[],
): Promise<() => Promise<void>> {
  const server = createServer((incoming, outgoing) => {
    incoming.resume();
    if (incoming.url?.split('?')[0] !== '/metrics') {
      outgoing.writeHead(404).end();
      return;
    }
    outgoing.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
    outgoing.end(metricsText(read()));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, resolve);
  });
  return async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
}
