import { CATALOGUE, isCatalogueName } from '../../protocol/catalogue.ts';
import type { ImageTarget } from '../../protocol/site-config.ts';

/** How a unit knows that its program does what it is there for. `control`: it says so itself, as those of the catalogue do. */
export type HealthCheck =
  | { readonly kind: 'process' }
  | { readonly kind: 'control' }
  | { readonly kind: 'tcp'; readonly port: number }
  | { readonly kind: 'http'; readonly port: number; readonly path: string };

/** What is run in a unit. */
export interface UnitProgram {
  readonly command: readonly string[];
  readonly health: HealthCheck;
  readonly capabilities: readonly string[];
  /** Commands that stand for primitives: name and what is run. */
  readonly primitives: readonly { readonly name: string; readonly command: readonly string[] }[];
  readonly vcpus: number | undefined;
  readonly memoryMib: number | undefined;
}

/** @param functions the file of the catalogue's programs, see `bundleFunctions`. */
export function resolveImage(
  image: ImageTarget,
  functions: string,
): UnitProgram | { readonly refused: string } {
  if ('program' in image) {
    const { command, health, resources } = image.program;
    return {
      command,
      health,
      capabilities: [],
      primitives: [],
      vcpus: resources?.vcpus,
      memoryMib: resources?.memoryMib,
    };
  }
  const name = image.catalogue;
  if (!isCatalogueName(name)) {
    return { refused: `the catalogue has no ${name}; it has ${Object.keys(CATALOGUE).join(', ')}` };
  }
  const node = [process.execPath, functions];
  return {
    command: [...node, 'run', name],
    health: { kind: 'control' },
    capabilities: CATALOGUE[name].capabilities,
    primitives: CATALOGUE[name].primitives.map((primitive) => ({
      name: primitive,
      command: [...node, 'call', primitive],
    })),
    vcpus: undefined,
    memoryMib: undefined,
  };
}
