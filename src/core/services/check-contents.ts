import { showText } from '../problems/problem.ts';
import { day12Of } from './check-day12.ts';
import { type Cursor, each, type Named, named } from './cursor.ts';
import { type PackageFinding, refused, warned } from './package-finding.ts';

/** What lies beside a descriptor. */
export interface Contents {
  /** `bare`: the descriptor is all there is. */
  readonly origin: 'bare' | 'folder' | 'archive';
  /** Paths below the package's own folder, with `/`. */
  readonly paths: readonly string[];
}

/** Files that a VNFD names have to be in its package; of a bare file nobody can expect that. */
export function checkContents(vnfd: Cursor, contents: Contents): readonly PackageFinding[] {
  return [...checkCloudInit(vnfd, contents), ...checkCharms(vnfd, contents)];
}

function checkCloudInit(vnfd: Cursor, { origin, paths }: Contents): readonly PackageFinding[] {
  return each(vnfd, 'vdu').flatMap((vdu) => {
    const file = named(vdu, 'cloud-init-file');
    if (file === undefined) return [];
    const bad = badName(file);
    if (bad !== undefined) return [bad];
    if (paths.includes(`cloud_init/${file.text}`) || paths.includes(`Scripts/cloud_init/${file.text}`))
      return [];
    const name = showText(file.text);
    return origin === 'bare'
      ? [
          warned('cloud-init-absent', {
            path: file.path,
            message: `the cloud-init file \`${name}\` is not here: a bare descriptor has no files`,
            mend: `onboard the package's folder or archive, with cloud_init/${name} in it`,
          }),
        ]
      : [
          refused('cloud-init-absent', {
            path: file.path,
            message: `the cloud-init file \`${name}\` is not in the package`,
            mend: `put it at cloud_init/${name} in the package, or remove cloud-init-file`,
          }),
        ];
  });
}

/** A name that leaves its folder. */
function badName(file: Named): PackageFinding | undefined {
  const parts = file.text.split('/');
  const climbs =
    parts.some((part) => part === '..' || part === '.' || part === '') || file.text.includes('\\');
  if (!climbs) return undefined;
  const message = `\`${showText(file.text)}\` leads out of the folder cloud_init`;
  return refused('cloud-init-absent', {
    path: file.path,
    message,
    mend: 'name the file alone, e.g. cloud-config.txt',
  });
}

function checkCharms(vnfd: Cursor, { origin, paths }: Contents): readonly PackageFinding[] {
  if (origin === 'bare') return [];
  if (paths.some((path) => path.startsWith('charms/') || path.startsWith('Scripts/charms/'))) return [];
  return day12Of(vnfd).flatMap((entry) =>
    each(entry, 'execution-environment-list', 'juju').flatMap((juju) => {
      const charm = named(juju, 'charm');
      // From the charm store: such a charm lies in no package.
      if (charm === undefined || /^(ch|cs):/.test(charm.text)) return [];
      const message = `the charm \`${showText(charm.text)}\` is not in the package`;
      const mend = `put it at charms/${showText(charm.text)}, or remove its execution environment: charms are not run`;
      return [refused('charm-absent', { path: charm.path, message, mend })];
    }),
  );
}
