import type { KeyObject } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MusterError } from '../../protocol/errors.ts';
import type { Image, ImagePolicy } from '../../protocol/image.ts';
import { IMAGE_SUFFIX } from '../../protocol/image.ts';
import { makeDirectories } from '../make-directories.ts';
import { bundleAgent } from './bundle-agent.ts';
import { readOperatorKey } from './operator-key.ts';
import { imageText, wrapImage } from './wrap-image.ts';

export interface ImageOrder {
  readonly agent: string;
  /** Rises with every release. */
  readonly version: number;
  readonly capabilities: readonly string[];
  /** Module to bundle (default: our agent process), or with `native` an ELF program. */
  readonly entry: string | undefined;
  readonly runtime: 'node' | 'native';
  /** Node without its compiler: nothing executable that cannot be hashed, and several times slower. */
  readonly jitless: boolean;
  readonly key: string;
  readonly outDir: string;
}

/** The agent process of this checkout. */
export const DEFAULT_ENTRY = fileURLToPath(new URL('../agent-process/main.ts', import.meta.url));
/** Node has 11 threads with its pool awake; more would be somebody else's. */
const NODE_THREADS = 16;
const V8_CODE_BYTES = 256 << 20;

/** Bundles, signs and writes an image; answers it and its file. Throws MusterError for a missing entry or key. */
export async function buildImage(
  order: ImageOrder,
): Promise<{ readonly image: Image; readonly file: string }> {
  const entry = order.entry === undefined ? DEFAULT_ENTRY : resolve(order.entry);
  if (!existsSync(entry)) {
    throw new MusterError('NOT_FOUND', `there is no ${entry}`, {
      hint: 'muster image build NAME --entry FILE',
    });
  }
  const key = readOperatorKey(order.key);
  const bundle = order.runtime === 'native' ? readFileSync(entry) : await bundleAgent(entry);
  const { agent, version, runtime, capabilities } = order;
  const about = { agent, version, runtime, capabilities: [...capabilities].sort(), policy: policyOf(order) };
  const image = wrapImage(bundle, about, key);
  makeDirectories(order.outDir);
  const file = join(order.outDir, `${agent}-${version}${IMAGE_SUFFIX}`);
  writeFileSync(file, imageText(image));
  return { image, file };
}

/** The agent process of this checkout, version 1, as `muster image build agent` makes it. */
export async function defaultImage(key: KeyObject): Promise<Image> {
  const policy = policyOf({ runtime: 'node', jitless: false });
  const about = { agent: 'agent', version: 1, runtime: 'node', capabilities: [], policy } as const;
  return wrapImage(await bundleAgent(DEFAULT_ENTRY), { ...about, capabilities: [] }, key);
}

function policyOf({ runtime, jitless }: Pick<ImageOrder, 'runtime' | 'jitless'>): ImagePolicy {
  const compiles = runtime === 'node' && !jitless;
  return {
    runtimeCode: compiles ? 'v8' : 'none',
    maxRuntimeCodeBytes: compiles ? V8_CODE_BYTES : 0,
    maxThreads: NODE_THREADS,
    descriptors: 'given-only',
    sockets: 'given-only',
  };
}
