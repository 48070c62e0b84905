import type { PlaneFeature } from '../../ports/data-plane.ts';
import { runTool } from './run-tool.ts';

export interface Tool {
  readonly name: string;
  readonly command: readonly string[];
  /** The Debian package that has it. */
  readonly package: string;
}

/** Tries something really; its first line says what is there. `mend`: what to do where it fails. */
export async function tryFeature(
  name: string,
  attempt: () => Promise<string>,
  mend: string,
): Promise<PlaneFeature> {
  try {
    const said = (await attempt()).split('\n')[0]?.trim() ?? '';
    return { name, available: true, detail: said.slice(0, 60) || 'works' };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { name, available: false, detail: why.slice(0, 120), mend };
  }
}

/** Starts each, one after the other. */
export async function tryTools(tools: readonly Tool[]): Promise<PlaneFeature[]> {
  const features: PlaneFeature[] = [];
  for (const { name, command, package: debian } of tools) {
    features.push(await tryFeature(name, () => runTool(command), `install the Debian package ${debian}`));
  }
  return features;
}
