import { createHash } from 'node:crypto';
import { join } from 'node:path';
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
  const { name, uid, runtimeCode, native } = order;
  return {
    name,
    program: programOf(order, bundle),
    arguments: native?.arguments ?? [],
    environment: ENVIRONMENT,
    ...(uid === undefined ? {} : { user: { uid, gid: uid } }),
    limits: { runtimeCode, maxRuntimeCodeBytes: MAX_RUNTIME_CODE_BYTES, maxThreads: threadsOf(order) },
  };
}

function programOf({ native, runtimeCode }: SpawnOrder, bundle: Uint8Array): AgentSpec['program'] {
  // Under the name of its digest, as `installProgram` puts it there: whoever knows the bytes knows the path, and so the arguments.
  if (native !== undefined) return { kind: 'native', executable: join(native.directory, sha256(bundle)) };
  return {
    kind: 'node',
    executable: process.execPath,
    major: Number(process.versions.node.split('.')[0]),
    flags: runtimeCode === 'none' ? ['--jitless'] : [],
    bundle,
  };
}

function threadsOf({ native }: SpawnOrder): number {
  return native?.maxThreads ?? MAX_THREADS;
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
      maxThreads: threadsOf(order),
      writtenTextKb: 0,
      sockets: 'given-only',
    },
    guardSha256,
    salt: order.salt,
  };
}
