import { createHash } from 'node:crypto';
import type { PackageFiles } from '../../adapters/package-source/package-limits.ts';
import { showText } from '../../core/problems/problem.ts';
import { warned } from '../../core/services/package-finding.ts';
import { type PackageProblem, wholeProblem } from './package-problem.ts';

const FILE = 'checksums.txt';
const MAX_LINES = 4000;
/** By the number of hexadecimal digits. OSM's tool writes md5: it finds damage, not deceit. */
const ALGORITHMS: Readonly<Record<number, string>> = { 32: 'md5', 40: 'sha1', 64: 'sha256' };

/**
 * Compares the files of a package with its `checksums.txt`, where it has one, and warns: whoever packs an edited descriptor again
 * leaves its old md5 behind (files of OSM's own users have that), and who changes a file on purpose changes its md5 as well.
 * `label`: the package as the operator named it.
 */
export function checkChecksums(files: PackageFiles, label: string): readonly PackageProblem[] {
  const bytes = files.get(FILE);
  if (bytes === undefined) return [];
  const lines = new TextDecoder().decode(bytes).split(/\r?\n/).slice(0, MAX_LINES);
  return lines.flatMap((text, index) => {
    if (text.trim() === '' || text.startsWith('#')) return [];
    const no = (message: string, mend: string) => [
      wholeProblem(`${label}/${FILE}`, warned('checksum', { path: [], message, mend }), index + 1),
    ];
    const [, digest = '', name = ''] = /^([0-9a-fA-F]+)\s+\*?(.+?)\s*$/.exec(text) ?? [];
    const algorithm = ALGORITHMS[digest.length];
    if (algorithm === undefined) {
      return no(
        'this line is no checksum and file',
        'write the md5 or sha256 of a file, two spaces, its path',
      );
    }
    const content = files.get(name.replace(/^\.\//, ''));
    if (content === undefined) {
      return no(`the file \`${showText(name)}\` is not in the package`, 'put it back, or remove this line');
    }
    if (createHash(algorithm).update(content).digest('hex') === digest.toLowerCase()) return [];
    return no(
      `\`${showText(name)}\` is not the file of this ${algorithm}`,
      'fetch the package again, or write its checksums anew',
    );
  });
}
