import { join } from 'node:path';
import { expectedSegments, mappedLibraries } from '../../adapters/evidence-guard/expected-segments.ts';
import { installProgram } from '../../adapters/evidence-guard/install-program.ts';
import { spawnAgent } from '../../adapters/evidence-guard/spawn-agent.ts';
import { canonicalText } from '../../core/attestation/canonical-text.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { TextSegment } from '../../protocol/measurement.ts';
import type { SpawnOrder } from '../../protocol/site-control.ts';
import { agentSpecOf, sha256 } from '../guard/expected.ts';
import type { VerifiedImage } from '../image/verify-image.ts';

/** An agent that is no Node program: its image, as its operator signed it, and what it is started with. */
export interface NativeAgent {
  readonly image: VerifiedImage;
  readonly arguments: readonly string[];
}

/** The program of a native agent, where guards start it from. */
export interface NativeProgram {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly policySha256: string;
  readonly started: NonNullable<SpawnOrder['native']>;
}

/**
 * Takes the program out of its image and puts it below `dir`, where agents may run it and nobody else may write. Throws MusterError
 * for an image of another runtime.
 */
export function installNative({ image, arguments: args }: NativeAgent, dir: string): NativeProgram {
  const { manifest, bundle } = image;
  if (manifest.runtime !== 'native') {
    throw new MusterError('BAD_FILE', `the image of ${manifest.agent} holds no native program`, {
      hint: 'muster image build NAME --native --entry FILE',
    });
  }
  const directory = join(dir, 'programs');
  return {
    path: installProgram(bundle, directory),
    bytes: bundle,
    policySha256: sha256(canonicalText(manifest.policy)),
    started: { directory, arguments: [...args], maxThreads: manifest.policy.maxThreads },
  };
}

/**
 * The executable segments that an agent of this order will be measured to have, from the files on disk. Which libraries it loads
 * only the linker knows: it is started once as it will be, until it has said its first line, and ended. What it loads after
 * that nobody expects of it.
 */
export async function nativeSegments(
  order: SpawnOrder,
  program: NativeProgram,
): Promise<readonly TextSegment[]> {
  const sample = await spawnAgent(agentSpecOf(order, program.bytes), '', () => {});
  try {
    return await expectedSegments(program.path, mappedLibraries(sample.pid, program.path));
  } finally {
    sample.kill('it was started to see what it loads');
    await sample.ended;
  }
}
