import { readFileSync } from 'node:fs';
import { NO_SITE_CONFIG, type SiteConfig } from '../../../protocol/site-config.ts';
import { openSource } from '../examine-package.ts';
import { judgePackages, type PackageResult } from '../judge-packages.ts';

/** Where a descriptor of test/data lies. */
export function samplePath(name: string): string {
  return new URL(`../../../../test/data/descriptors/${name}`, import.meta.url).pathname;
}

export function sampleText(name: string): string {
  return readFileSync(samplePath(name), 'utf8');
}

/** Opens a text as if it were a descriptor alone. */
export function bare(text: string, label = 'x.yaml') {
  return openSource({ origin: 'bare', files: new Map([[label, Buffer.from(text)]]), root: '' }, label);
}

/** Opens texts as the files of a folder. */
export function folder(files: Readonly<Record<string, string>>, label = 'x') {
  const bytes = Object.entries(files).map(([path, text]) => [path, Buffer.from(text)] as const);
  return openSource({ origin: 'folder', files: new Map(bytes), root: '' }, label);
}

/** Judges descriptors that are given as texts, with nothing onboarded. */
export function judgeTexts(
  texts: readonly string[],
  site: SiteConfig = NO_SITE_CONFIG,
): readonly PackageResult[] {
  return judgePackages(
    texts.map((text, index) => bare(text, `${index}.yaml`)),
    new Map(),
    site,
  );
}

/** Errors as `line code`, in the order of the file. */
export function errorsOf({ problems }: PackageResult): readonly string[] {
  return problems.flatMap(({ severity, line, code }) => (severity === 'error' ? [`${line} ${code}`] : []));
}

export function warningsOf({ problems }: PackageResult): readonly string[] {
  return problems.flatMap(({ severity, code }) => (severity === 'warning' ? [code] : []));
}
