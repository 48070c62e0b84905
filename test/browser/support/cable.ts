import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';

/** A way to a server that can be cut through and joined again. */
export interface Cable {
  readonly origin: string;
  cut(): void;
  join(): void;
  close(): Promise<void>;
}

export async function cableTo(origin: string): Promise<Cable> {
  const { hostname: host, port } = new URL(origin);
  const ends = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect(Number(port), host);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        ends.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the cable has no port');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    cut: () => {
      isCut = true;
      for (const each of ends) each.destroy();
    },
    join: () => {
      isCut = false;
    },
    close: () =>
      new Promise((resolve) => {
        for (const each of ends) each.destroy();
        server.close(() => resolve());
      }),
  };
}
