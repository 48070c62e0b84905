import { expectedSegments, mappedLibraries } from '../../adapters/evidence-guard/expected-segments.ts';
import { spawnAgent } from '../../adapters/evidence-guard/spawn-agent.ts';
import type { AgentSpec } from '../../ports/evidence-source.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { TextSegment } from '../../protocol/measurement.ts';
import type { AgentImage } from './agent-image.ts';

/** An agent that is no Node program: its image, as its operator signed it, and what it is started with. */
export interface NativeAgent {
  readonly image: AgentImage;
  readonly arguments: readonly string[];
}

/** Throws MusterError for an image of another runtime, or of another operator than the one whose images guards take. */
export function checkNative({ image }: NativeAgent, operatorKey: string): void {
  const { agent, runtime } = image.verified.manifest;
  if (runtime !== 'native') {
    throw new MusterError('BAD_FILE', `the image of ${agent} holds no native program`, {
      hint: 'muster image build NAME --native --entry FILE',
    });
  }
  if (image.operatorKey !== operatorKey) {
    throw new MusterError('ATTESTATION_REFUSED', `the image of ${agent} is signed by another operator`, {
      hint: 'guards take the images of one operator: sign that of the other agents with the same key',
    });
  }
}

/**
 * The executable segments that an agent of a program of its own will be measured to have, from the files on disk. Which libraries it
 * loads only the linker knows: it is started once as it will be, until it has said its first line, and ended. What it loads after
 * that nobody expects of it.
 */
export async function nativeSegments(spec: AgentSpec): Promise<readonly TextSegment[]> {
  const { executable } = spec.program;
  const sample = await spawnAgent(spec, '', () => {});
  try {
    return await expectedSegments(executable, mappedLibraries(sample.pid, executable));
  } finally {
    sample.kill('it was started to see what it loads');
    await sample.ended;
  }
}
