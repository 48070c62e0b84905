import { resolve } from 'node:path';
import type { PackageFiles, SourceRefusal } from '../../adapters/package-source/package-limits.ts';
import { type PackageSource, readSource } from '../../adapters/package-source/read-source.ts';
import { checkContents } from '../../core/services/check-contents.ts';
import { checkNsd } from '../../core/services/check-nsd.ts';
import { checkRunning } from '../../core/services/check-running.ts';
import { checkVnfd } from '../../core/services/check-vnfd.ts';
import type { Cursor } from '../../core/services/cursor.ts';
import { type PackageFinding, refused, warned } from '../../core/services/package-finding.ts';
import { plainTree } from '../../core/services/plain-tree.ts';
import type { PointsOf } from '../../core/services/points-of.ts';
import { readNsd } from '../../core/services/read-nsd.ts';
import { readVnfd } from '../../core/services/read-vnfd.ts';
import { unwrapDescriptor } from '../../core/services/unwrap-descriptor.ts';
import type { Descriptor, DescriptorKind } from '../../protocol/descriptors.ts';
import type { SiteConfig } from '../../protocol/site-config.ts';
import { parseYaml } from '../scenario/parse-yaml.ts';
import { checkChecksums } from './check-checksums.ts';
import { findDescriptor } from './find-descriptor.ts';
import { type PackageProblem, wholeProblem } from './package-problem.ts';
import { readNsdSchema, readVnfdSchema } from './schema-findings.ts';

/** Most problems that are told of one package. */
const MAX_TOLD = 200;

/** A package as far as it can be judged by itself: an NSD's VNFDs are looked up when it is judged. */
export interface OpenedPackage {
  /** As the operator named it. */
  readonly label: string;
  readonly origin: PackageSource['origin'];
  readonly files: PackageFiles;
  /** Path of the descriptor among the files. */
  readonly descriptorPath: string;
  /** The descriptor's text, and what messages call it; undefined: there is none. */
  readonly source: { readonly file: string; readonly text: string } | undefined;
  readonly kind: DescriptorKind | undefined;
  /** Tells everything about it. `pointsOf`: external connection points of the VNFDs that are there. */
  judge(pointsOf: PointsOf, site: SiteConfig): JudgedPackage;
}

export interface JudgedPackage {
  readonly problems: readonly PackageProblem[];
  /** Present when it is right in itself; it may still lack a VNFD. */
  readonly descriptor: Descriptor | undefined;
}

const YAML_WORDS = { example: 'begin with `vnfd:` or `nsd:`', files: 'descriptors' };

/** Opens a package by its path: `.tar.gz`, folder, or descriptor alone. */
export async function openPackage(path: string): Promise<OpenedPackage> {
  const read = await readSource(resolve(path));
  return read.ok ? openSource(read.value, path) : openRefused(path, read.refusal);
}

/** A package that cannot be looked into: its only problem is why. */
export function openRefused(label: string, { entry, message, mend }: SourceRefusal): OpenedPackage {
  const file = entry === undefined ? label : `${label}/${entry}`;
  return closed(label, 'archive', new Map(), [
    wholeProblem(file, refused('archive', { path: [], message, mend })),
  ]);
}

/** The same for files that are at hand. */
export function openSource(source: PackageSource, label: string): OpenedPackage {
  const { origin, files, root } = source;
  const checksums = checkChecksums(files, root === '' ? label : `${label}/${root.slice(0, -1)}`);
  const found = findDescriptor(source, label);
  if (!found.ok) return closed(label, origin, files, [...checksums, found.problem]);
  const file = origin === 'bare' ? label : `${label}/${root}${found.path}`;
  const text = { file, text: found.text };
  const parsed = parseYaml(found.text, { scalars: 'text', words: YAML_WORDS });
  if (!parsed.ok) {
    const problems = parsed.problems.map(
      (problem) => ({ ...problem, file, code: 'yaml', severity: 'error', status: 422 }) as const,
    );
    return closed(label, origin, files, [...checksums, ...problems], text, found.path);
  }
  const locate = (finding: PackageFinding): PackageProblem => {
    const { code, severity, status } = finding;
    return { ...parsed.yaml.locate(finding), file, code, severity, status };
  };
  const { tree, findings } = plainTree(parsed.yaml.value);
  const unwrapped = unwrapDescriptor(tree);
  if (!unwrapped.ok) {
    const problems = [...findings, unwrapped.finding].map(locate);
    return closed(label, origin, files, [...checksums, ...problems], text, found.path);
  }
  const { kind, root: at } = unwrapped;
  return {
    label,
    origin,
    files,
    descriptorPath: found.path,
    source: text,
    kind,
    judge: (pointsOf, site) => {
      const judged =
        kind === 'vnfd' ? judgeVnfd(at, { origin, paths: [...files.keys()] }, site) : judgeNsd(at, pointsOf);
      const problems = [...checksums, ...bounded([...findings, ...judged.findings].map(locate), file)];
      const wrong = problems.some(({ severity, status }) => severity === 'error' && status === 422);
      return { problems, descriptor: wrong ? undefined : judged.descriptor };
    },
  };
}

interface Judged {
  readonly findings: readonly PackageFinding[];
  readonly descriptor: Descriptor | undefined;
}

function judgeVnfd(at: Cursor, contents: Parameters<typeof checkContents>[1], site: SiteConfig): Judged {
  const { value, findings } = readVnfdSchema(at.value);
  const descriptor = value === undefined ? undefined : readVnfd(value);
  const running = descriptor === undefined ? [] : checkRunning(descriptor, at, site);
  return {
    findings: [...placed(findings, at), ...checkVnfd(at), ...checkContents(at, contents), ...running],
    descriptor,
  };
}

function judgeNsd(at: Cursor, pointsOf: PointsOf): Judged {
  const { value, findings } = readNsdSchema(at.value);
  return {
    findings: [...placed(findings, at), ...checkNsd(at, pointsOf)],
    descriptor: value === undefined ? undefined : readNsd(value),
  };
}

/** The schema knows nothing of the envelope. */
function placed(findings: readonly PackageFinding[], at: Cursor): readonly PackageFinding[] {
  return findings.map((finding) => ({ ...finding, path: [...at.path, ...finding.path] }));
}

/** Errors and warnings in the order of the file, each once; errors are kept when there are too many. */
function bounded(problems: readonly PackageProblem[], file: string): readonly PackageProblem[] {
  const seen = new Set<string>();
  const once = problems.filter((problem) => {
    const key = JSON.stringify([problem.line, problem.column, problem.path, problem.message]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  const errorsFirst = once.toSorted((a, b) => rank(a) - rank(b)).slice(0, MAX_TOLD);
  const shown = errorsFirst.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const more = once.length - shown.length;
  if (more <= 0) return shown;
  const said = { path: [], message: `and ${more} more`, mend: 'mend those above first' };
  // A warning: where there are errors beyond, there are some that are told.
  return [...shown, { ...wholeProblem(file, warned('schema', said)), count: more }];
}

function rank({ severity }: PackageProblem): number {
  return severity === 'error' ? 0 : 1;
}

function closed(
  label: string,
  origin: PackageSource['origin'],
  files: PackageFiles,
  problems: readonly PackageProblem[],
  source?: OpenedPackage['source'],
  descriptorPath = '',
): OpenedPackage {
  const judge = () => ({ problems, descriptor: undefined });
  return { label, origin, files, descriptorPath, source, kind: undefined, judge };
}
