import { PACKAGE_LIMITS, type PackageFiles } from '../../adapters/package-source/package-limits.ts';
import type { PackageSource } from '../../adapters/package-source/read-source.ts';
import { showText } from '../../core/problems/problem.ts';
import { refused } from '../../core/services/package-finding.ts';
import { type PackageProblem, wholeProblem } from './package-problem.ts';

export type FoundDescriptor =
  | { readonly ok: true; readonly path: string; readonly text: string }
  | { readonly ok: false; readonly problem: PackageProblem };

/**
 * The descriptor among the files of a package: what `TOSCA-Metadata/TOSCA.meta` names (SOL004), or else the only YAML file that
 * lies directly in it (OSM). `label`: the package as the operator named it.
 */
export function findDescriptor({ origin, files }: PackageSource, label: string): FoundDescriptor {
  const no = (message: string, mend: string): FoundDescriptor => ({
    ok: false,
    problem: wholeProblem(label, refused('not-a-descriptor', { path: [], message, mend })),
  });
  const candidates =
    origin === 'bare' ? [...files.keys()] : (fromMetadata(files) ?? [...files.keys()].filter(isDescriptor));
  const [path, ...others] = candidates;
  if (path === undefined) {
    return no(
      'there is no descriptor in it',
      'put the descriptor directly into the folder of the package, e.g. my_vnfd.yaml',
    );
  }
  if (others.length > 0) {
    const shown = candidates
      .slice(0, 4)
      .map((each) => showText(each))
      .join(', ');
    return no(`it holds ${candidates.length} descriptors: ${shown}`, 'put each into a package of its own');
  }
  const bytes = files.get(path);
  if (bytes === undefined) {
    return no(
      `\`${showText(path)}\`, which TOSCA.meta names, is not in it`,
      'put it in, or mend Entry-Definitions of TOSCA.meta',
    );
  }
  if (bytes.length > PACKAGE_LIMITS.descriptorBytes) {
    return no(
      `the descriptor is larger than ${PACKAGE_LIMITS.descriptorBytes} bytes`,
      'name a .tar.gz, a folder or a descriptor; put long texts into files of the package',
    );
  }
  try {
    return { ok: true, path, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return no('the descriptor is not UTF-8 text', 'name a .tar.gz, a folder or a .yaml file, saved as UTF-8');
  }
}

function isDescriptor(path: string): boolean {
  return /^[^/]+\.(ya?ml)$/i.test(path);
}

function fromMetadata(files: PackageFiles): readonly string[] | undefined {
  const bytes = files.get('TOSCA-Metadata/TOSCA.meta');
  if (bytes === undefined) return undefined;
  const [, entry] = /^Entry-Definitions:\s*(\S{1,255})\s*$/m.exec(new TextDecoder().decode(bytes)) ?? [];
  return entry === undefined ? undefined : [entry];
}
