import { z } from 'zod';
import { startEmbeddedNode } from '../../adapters/ledger-embedded/embedded-node.ts';
import { AddressSchema } from '../../protocol/agent-control.ts';
import { MusterError } from '../../protocol/errors.ts';

/**
 * The embedded ledger as a process of its own: options as JSON in the first argument, one line of JSON on standard output when it is
 * ready. It ends on SIGTERM, on SIGINT, and when its standard input closes; notes go to standard error.
 */
const Options = z.strictObject({
  directory: z.string().min(1),
  chainId: z.number().int().positive().default(77177),
  blockMs: z.number().int().positive().default(1000),
  /** Loopback port; 0: any. */
  port: z.number().int().min(0).max(65535).default(0),
  /** A Unix socket instead of a port. */
  path: z.string().min(1).optional(),
  /** A Unix socket beside either: for who lives in another network on this machine. */
  socket: z.string().min(1).optional(),
  /** Where roles are held: others get little room in blocks. */
  roles: z.strictObject({ contract: AddressSchema, operator: AddressSchema }).optional(),
});

async function main(): Promise<void> {
  const { directory, chainId, blockMs, port, path, socket, roles } = Options.parse(
    JSON.parse(process.argv[2] ?? '{}'),
  );
  const asked = stopAsked();
  const node = await startEmbeddedNode({
    directory,
    chainId,
    blockMs,
    listen: path === undefined ? { port } : { path },
    ...(socket === undefined ? {} : { socket }),
    ...(roles === undefined ? {} : { roles }),
    onNote: (text) => process.stderr.write(`${text}\n`),
  });
  const { records, ms, cut } = node.replayed;
  const { genesisTime, genesisHash } = node.chain;
  const head = node.final();
  const ready = {
    url: node.url,
    chainId,
    genesisTime,
    genesisHash,
    head: head === undefined ? null : { number: head.number, hash: head.hash },
    anvilPid: node.pid() ?? null,
    replayed: { records, ms, cut: cut ?? null },
  };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
  try {
    await Promise.race([asked, node.failed]);
  } finally {
    await node.stop();
  }
}

function stopAsked(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
    process.stdin.once('end', () => resolve());
    process.stdin.once('close', () => resolve());
    process.stdin.once('error', () => resolve());
    process.stdin.resume();
  });
}

try {
  await main();
  process.exit(0);
} catch (error) {
  const known = error instanceof MusterError;
  process.stderr.write(`muster: ${error instanceof Error ? error.message : String(error)}\n`);
  if (known && error.hint !== '') process.stderr.write(`try: ${error.hint}\n`);
  process.exit(known ? error.exitCode : 1);
}
