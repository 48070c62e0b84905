import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { readBounded } from '../../adapters/package-source/read-folder.ts';
import { MusterError } from '../../protocol/errors.ts';
import { FunctionsDocumentSchema, NsdDocumentSchema, type ServiceFile } from '../../protocol/service-file.ts';
import { type OpenedPackage, openPackage } from '../packages/examine-package.ts';
import { parseYaml } from '../scenario/parse-yaml.ts';
import { renderProblems } from '../scenario/render-problems.ts';
import { schemaProblems } from '../scenario/schema-problems.ts';
import { toShape } from '../scenario/schema-shape.ts';

const MAX_BYTES = 1_000_000;
const HINT =
  'service: { name: shop, nsd: shop-ns } asks for a service after an onboarded NSD; docs/services.md has all of it';

/** What `service apply` was given: services that are asked for, and the packages that come along. */
export interface LoadedFiles {
  readonly services: readonly ServiceFile[];
  readonly packages: readonly OpenedPackage[];
}

/**
 * Reads service files and packages, in any order. An NSD without a service file is asked for under its own id; one that a service file
 * names by its path comes along.
 * @throws BAD_SERVICE with everything that is wrong with a service file, USAGE when nothing asks for a service.
 */
export async function loadServiceFiles(paths: readonly string[]): Promise<LoadedFiles> {
  const services: ServiceFile[] = [];
  const packages: OpenedPackage[] = [];
  for (const path of paths) {
    const file = await serviceFileAt(path);
    if (file === undefined) {
      packages.push(await openPackage(path));
      continue;
    }
    if (!('nsd' in file) || typeof file.nsd === 'string') {
      services.push(file);
      continue;
    }
    const nsd = await openPackage(resolve(dirname(resolve(path)), file.nsd.file));
    packages.push(nsd);
    services.push({ ...file, nsd: idOf(nsd, path) });
  }
  if (services.length > 0) return { services, packages };
  const nsds = packages.filter(({ kind }) => kind === 'nsd');
  const asked = nsds.map((nsd): ServiceFile => ({ name: idOf(nsd, nsd.label), nsd: idOf(nsd, nsd.label) }));
  if (asked.length === 0 && packages.every(({ kind }) => kind !== undefined)) {
    throw new MusterError('USAGE', 'none of these files asks for a service', {
      hint: 'name an NSD or a service file; muster package onboard keeps VNFDs alone',
    });
  }
  return { services: asked, packages };
}

function idOf(nsd: OpenedPackage, named: string): string {
  // Connection points are compared when it is onboarded.
  const { descriptor, problems } = nsd.judge(() => undefined, { images: {}, webhooks: { allowHosts: [] } });
  if (descriptor?.kind === 'nsd') return descriptor.id;
  const [error] = problems.filter(({ severity }) => severity === 'error');
  throw new MusterError('BAD_PACKAGE', `${named}: ${error?.message ?? `${nsd.label} is no NSD`}`, {
    hint: `muster package validate ${nsd.label}`,
  });
}

/** The service that a file asks for; undefined: it is something else, such as a package. */
async function serviceFileAt(path: string): Promise<ServiceFile | undefined> {
  if (!/\.ya?ml$/i.test(path)) return undefined;
  const bytes = await readBounded(resolve(path), MAX_BYTES).catch(() => undefined);
  // A package says itself what is wrong with it.
  if (bytes === undefined) return undefined;
  const source = { file: path, text: new TextDecoder().decode(bytes) };
  if (!/^service\s*:/m.test(source.text)) return undefined;
  const bad = (problems: Parameters<typeof renderProblems>[1]) =>
    new MusterError('BAD_SERVICE', renderProblems(source, problems).trimEnd(), { hint: HINT });
  const parsed = parseYaml(source.text, {
    words: { example: 'begin with `service:`', files: 'service files' },
  });
  if (!parsed.ok) throw bad(parsed.problems);
  // Judged as what it means to be, so that each mistake is told by itself.
  const byFunctions = /^\s+functions\s*:/m.test(source.text);
  const schema: z.ZodType<{ service: ServiceFile }> = byFunctions
    ? FunctionsDocumentSchema
    : NsdDocumentSchema;
  const checked = schema.safeParse(parsed.yaml.value);
  if (checked.success) return checked.data.service;
  const shape = toShape(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  const findings = schemaProblems(parsed.yaml.value, checked.error.issues, shape);
  throw bad(findings.map((finding) => parsed.yaml.locate(finding)));
}
