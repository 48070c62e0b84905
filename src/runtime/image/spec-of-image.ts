import type { AgentSpec } from '../../ports/evidence-source.ts';
import type { VerifiedImage } from './verify-image.ts';

/** What a site adds to an image to run it. */
export interface Placement {
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Node of this site, for images that need one. */
  readonly node: { readonly executable: string; readonly major: number };
  /** Puts a native program where only the guard can write, and answers its path. */
  install(program: Uint8Array): string;
}

/** How an image is started at a site, with the limits that its operator signed. */
export function specOfImage({ manifest, bundle }: VerifiedImage, placement: Placement): AgentSpec {
  const { runtimeCode, maxRuntimeCodeBytes, maxThreads } = manifest.policy;
  const { install, node, ...own } = placement;
  return {
    name: manifest.agent,
    program:
      manifest.runtime === 'native'
        ? { kind: 'native', executable: install(bundle) }
        : { kind: 'node', ...node, flags: runtimeCode === 'none' ? ['--jitless'] : [], bundle },
    ...own,
    limits: { runtimeCode, maxRuntimeCodeBytes, maxThreads },
  };
}
