import { z } from 'zod';
import {
  type FileReport,
  FilesAppliedSchema,
  type FilesChecked,
  FilesCheckedSchema,
  FilesOnboardedSchema,
} from '../../protocol/file-reports.ts';
import type { ServiceFile } from '../../protocol/service-file.ts';
import { type Onboarded, onboardPackages } from '../../runtime/packages/onboard-packages.ts';
import { oneOfFew } from '../../runtime/packages/receive-package.ts';
import { type DroppedFiles, openDropped, servicesAskedFor } from '../../runtime/services/dropped-files.ts';
import { previewApply } from '../../runtime/services/preview.ts';
import { type ReadServiceFile, SERVICE_FILE_HINT } from '../../runtime/services/read-service-file.ts';
import { type Endpoint, endpoint, NOTHING, type RawCall } from '../http/endpoint.ts';
import { HttpProblem, problemOf } from '../http/http-problem.ts';
import { begun, type Northbound } from '../northbound.ts';
import { readForm } from '../packages/read-form.ts';

const tag = 'Muster: files';
const UpdateQuerySchema = z.strictObject({ update: z.enum(['true', 'false']).default('false') });

/** Packages and service files that are sent together, as `muster package` and `muster service apply` take them. */
export function fileEndpoints(to: Northbound): readonly Endpoint[] {
  const taken = async <T>(call: RawCall, work: (files: DroppedFiles) => Promise<T>): Promise<T> => {
    const done = await oneOfFew(async () => ({
      answer: await work(await openDropped(await readForm(call))),
    }));
    if (done !== undefined) return done.answer;
    throw new HttpProblem({
      status: 503,
      reason: 'other packages are being received',
      hint: 'send it again in a second',
      headers: { 'retry-after': '1', connection: 'close' },
    });
  };
  const common = { method: 'POST', tag, params: NOTHING, body: NOTHING, takes: 'files' } as const;
  return [
    endpoint({
      ...common,
      path: '/v1/files/check',
      summary: 'What is wrong with files, line by line, and what applying them would change; changes nothing',
      query: NOTHING,
      answers: { 200: { description: 'What would become of them', schema: FilesCheckedSchema } },
      handle: async (call) => ({ status: 200, body: await taken(call, (files) => checked(to, files)) }),
    }),
    endpoint({
      ...common,
      path: '/v1/files/onboard',
      summary: 'Onboards packages: all of them, or none',
      query: UpdateQuerySchema,
      answers: { 200: { description: 'What became of them', schema: FilesOnboardedSchema } },
      handle: async (call) => ({
        status: 200,
        body: await taken(call, async (files) => ({
          files: reports(await onboard(to, files, call.query.update === 'true'), files.serviceFiles),
        })),
      }),
    }),
    endpoint({
      ...common,
      path: '/v1/files/apply',
      summary: 'Onboards packages, and brings services to what files say',
      query: NOTHING,
      answers: { 202: { description: 'Begun, where anything is to be done', schema: FilesAppliedSchema } },
      handle: async (call) => ({ status: 202, body: await taken(call, (files) => apply(to, files, call)) }),
    }),
  ];
}

async function checked(to: Northbound, files: DroppedFiles): Promise<FilesChecked> {
  const existing = await to.services.list();
  const preview = (services: readonly ServiceFile[]) =>
    previewApply(to.packages, files.packages, services, existing, { site: to.site, sites: to.sites() });
  const { onboarded } = await preview([]);
  const answer = reports(onboarded, files.serviceFiles);
  if (answer.some(({ outcome }) => outcome === 'refused')) return { files: answer, services: [] };
  const services: FilesChecked['services'] = [];
  for (const service of servicesAskedFor(files)) {
    try {
      const { applied } = await preview([service]);
      const changes = applied.flatMap((each) => each.changes.map(({ about, change }) => ({ about, change })));
      services.push({ service: service.name, changes, refusal: null });
    } catch (error) {
      const { status, reason, hint } = problemOf(error);
      if (status >= 500) throw error;
      services.push({ service: service.name, changes: [], refusal: { reason, hint } });
    }
  }
  return { files: answer, services };
}

/** @throws HttpProblem 409 and 422 with all that is wrong: then none of them is onboarded. */
async function onboard(to: Northbound, files: DroppedFiles, update: boolean): Promise<readonly Onboarded[]> {
  const options = { site: to.site, update, nowMs: to.nowMs() };
  const wrong = files.serviceFiles.filter(({ service }) => service === undefined);
  const onboarded =
    files.packages.length === 0 || wrong.length > 0
      ? []
      : await onboardPackages(to.packages, files.packages, options);
  const refused = onboarded.filter(({ outcome }) => outcome === 'refused');
  if (refused.length === 0 && wrong.length === 0) return onboarded;
  const isConflict = wrong.length === 0 && refused.every(({ status }) => status === 409);
  const answer = reports(onboarded, files.serviceFiles);
  const problem = answer.flatMap(({ problems }) => problems).find(({ severity }) => severity === 'error');
  throw new HttpProblem({
    status: isConflict ? 409 : 422,
    reason:
      problem === undefined ? 'a file is refused' : `${problem.file}:${problem.line}: ${problem.message}`,
    hint: problem?.mend ?? SERVICE_FILE_HINT,
    code: isConflict ? 'CONFLICT' : 'BAD_PACKAGE',
    more: { files: answer },
  });
}

async function apply(to: Northbound, files: DroppedFiles, { caller }: RawCall) {
  const asked = servicesAskedFor(files);
  if (asked.length === 0 && files.serviceFiles.every(({ service }) => service !== undefined)) {
    throw new HttpProblem({
      status: 422,
      reason: 'none of these files asks for a service',
      hint: 'send an NSD or a service file too; VNFDs alone are onboarded',
    });
  }
  const onboarded = await onboard(to, files, true);
  const services = [];
  for (const service of asked) {
    const { outcome, changes, operation } = await to.services.apply({ service });
    if (operation !== undefined) await begun(to, caller, Promise.resolve(operation));
    services.push({
      service: service.name,
      outcome,
      changes: changes.map(({ about, change }) => ({ about, change })),
      operation: operation ?? null,
    });
  }
  return { files: reports(onboarded, files.serviceFiles), services };
}

function reports(onboarded: readonly Onboarded[], serviceFiles: readonly ReadServiceFile[]): FileReport[] {
  return [
    ...onboarded.map(
      ({ opened, kind, descriptor, outcome, problems }): FileReport => ({
        name: opened.label,
        kind: kind ?? null,
        id: descriptor?.id ?? null,
        version: descriptor?.version ?? null,
        outcome,
        problems: problems.map(({ file, line, column, path, message, mend, severity, code }) => ({
          ...{ file, line, column, path, message, mend, severity, code },
        })),
        source: opened.source ?? null,
      }),
    ),
    ...serviceFiles.map(
      ({ service, problems, source }): FileReport => ({
        name: source.file,
        kind: 'service',
        id: service?.name ?? null,
        version: null,
        outcome: service === undefined ? 'refused' : 'read',
        problems: problems.map(({ line, column, path, message, mend, severity }) => ({
          ...{ file: source.file, line, column, path, message, mend, code: 'service' },
          severity: severity ?? 'error',
        })),
        source,
      }),
    ),
  ];
}
