import { createHash } from 'node:crypto';
import type { PlannedClaims } from '../../core/attestation/reference.ts';
import type { AgentSpec } from '../../ports/evidence-source.ts';
import type { SpawnOrder } from '../../protocol/site-control.ts';

export const sha256Bytes = (bytes: string | Uint8Array): Uint8Array =>
  new Uint8Array(createHash('sha256').update(bytes).digest());
export const sha256 = (bytes: string | Uint8Array): string => Buffer.from(sha256Bytes(bytes)).toString('hex');

const MAX_RUNTIME_CODE_BYTES = 256 * 1024 * 1024;
/** Node's own: main, platform workers, libuv's pool, the inspector's watcher. */
const MAX_THREADS = 32;
/** What an agent process is given of an environment: nothing of ours is inherited. */
const ENVIRONMENT = { TZ: 'UTC', LANG: 'C.UTF-8' } as const;

/** How an order's agent is started. */
export function agentSpecOf(order: SpawnOrder, bundle: Uint8Array): AgentSpec {
  const { name, uid, runtimeCode } = order;
  return {
    name,
    program: {
      kind: 'node',
      executable: process.execPath,
      major: Number(process.versions.node.split('.')[0]),
      flags: runtimeCode === 'none' ? ['--jitless'] : [],
      bundle,
    },
    arguments: [],
    environment: ENVIRONMENT,
    ...(uid === undefined ? {} : { user: { uid, gid: uid } }),
    limits: { runtimeCode, maxRuntimeCodeBytes: MAX_RUNTIME_CODE_BYTES, maxThreads: MAX_THREADS },
  };
}

/** What the reference value of an order covers besides the executable segments. */
export function plannedClaims(
  order: SpawnOrder,
  bundleSha256: string,
  argv: readonly string[],
  guardSha256: string,
): PlannedClaims {
  return {
    bundleSha256,
    // The configuration stands beside the policy: another one gives another reference value.
    policySha256: sha256(`${order.policySha256}\n${sha256(order.config)}`),
    argv,
    environment: ENVIRONMENT,
    uid: order.uid ?? process.getuid?.() ?? 0,
    addons: [],
    expected: {
      runtimeCode: order.runtimeCode,
      maxRuntimeCodeBytes: MAX_RUNTIME_CODE_BYTES,
      maxThreads: MAX_THREADS,
      writtenTextKb: 0,
      sockets: 'given-only',
    },
    guardSha256,
    salt: order.salt,
  };
}
