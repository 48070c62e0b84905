import { createHash } from 'node:crypto';
import type { PlannedClaims } from '../../core/attestation/reference.ts';
import type { AgentSpec } from '../../ports/evidence-source.ts';
import type { ImageManifest } from '../../protocol/image.ts';
import type { SpawnOrder } from '../../protocol/site-control.ts';
import { specOfImage } from '../image/spec-of-image.ts';
import type { VerifiedImage } from '../image/verify-image.ts';

export const sha256Bytes = (bytes: string | Uint8Array): Uint8Array =>
  new Uint8Array(createHash('sha256').update(bytes).digest());
export const sha256 = (bytes: string | Uint8Array): string => Buffer.from(sha256Bytes(bytes)).toString('hex');

/** What an agent process is given of an environment: nothing of ours is inherited. */
const ENVIRONMENT = { TZ: 'UTC', LANG: 'C.UTF-8' } as const;

/** How an order's agent is started from its image. `install` puts a native program where only the guard can write. */
export function agentSpecOf(
  { name, uid, arguments: given }: SpawnOrder,
  image: VerifiedImage,
  install: (program: Uint8Array) => string,
): AgentSpec {
  const spec = specOfImage(image, {
    arguments: given ?? [],
    environment: ENVIRONMENT,
    ...(uid === undefined ? {} : { user: { uid, gid: uid } }),
    node: { executable: process.execPath, major: Number(process.versions.node.split('.')[0]) },
    install,
  });
  return { ...spec, name };
}

/** What the reference value of an order covers besides the executable segments; `bundleSha256`: of the bytes that were sent to the process. */
export function plannedClaims(
  order: SpawnOrder,
  { policy }: ImageManifest,
  bundleSha256: string,
  argv: readonly string[],
  guardSha256: string,
): PlannedClaims {
  const { runtimeCode, maxRuntimeCodeBytes, maxThreads } = policy;
  return {
    bundleSha256,
    // The configuration stands beside the image with its policy: another one of either gives another reference value.
    policySha256: sha256(`${order.imageDigest}\n${sha256(order.config)}`),
    argv,
    environment: ENVIRONMENT,
    uid: order.uid ?? process.getuid?.() ?? 0,
    addons: [],
    expected: { runtimeCode, maxRuntimeCodeBytes, maxThreads, writtenTextKb: 0, sockets: 'given-only' },
    guardSha256,
    salt: order.salt,
  };
}
