import type { Readable } from 'node:stream';
import type { DescriptorKind } from '../../protocol/descriptors.ts';
import { type Onboarded, onboardPackages } from '../../runtime/packages/onboard-packages.ts';
import type { PackageProblem } from '../../runtime/packages/package-problem.ts';
import { receivePackage } from '../../runtime/packages/receive-package.ts';
import type { RawCall } from '../http/endpoint.ts';
import { HttpProblem } from '../http/http-problem.ts';
import type { Northbound } from '../northbound.ts';

/** As who sends packages calls a `.tar.gz`, a `.tar` or a descriptor. */
const TYPES = [
  'application/gzip',
  'application/x-gzip',
  'application/tar+gzip',
  'application/x-tar',
  'application/octet-stream',
  'application/binary',
  'application/yaml',
  'application/x-yaml',
  'text/yaml',
  'text/x-yaml',
  'text/plain',
];
export const PACKAGE_TYPES: readonly string[] = TYPES;

export interface UploadOptions {
  readonly kind: DescriptorKind;
  /** Takes the place of the package of this id in its descriptor; undefined: there may be none of its id. */
  readonly replaces: string | undefined;
}

/**
 * Onboards the package that a request carries, and answers the id in its descriptor.
 * @throws HttpProblem 413, 415, 503 when it is not taken; 409 and 422 with all that is wrong with it.
 */
export async function onboardUpload(
  { packages, site, nowMs }: Northbound,
  { upload, headers }: RawCall,
  { kind, replaces }: UploadOptions,
): Promise<string> {
  const received = await receivePackage(accepted(upload, headers), headers['content-filename'] ?? 'package');
  if (received.kind === 'busy') {
    throw new HttpProblem({
      status: 503,
      reason: 'other packages are being received',
      hint: 'send it again in a second',
      headers: { 'retry-after': '1', connection: 'close' },
    });
  }
  if (received.kind === 'too-large') {
    throw new HttpProblem({
      status: 413,
      reason: `the package is larger than ${received.mostBytes} bytes`,
      hint: 'leave large files out; docs/packages.md has all limits',
      headers: { connection: 'close' },
    });
  }
  const wantedMd5 = headers['content-file-md5'];
  if (wantedMd5 !== undefined && received.md5 !== wantedMd5.toLowerCase()) {
    throw new HttpProblem({
      status: 422,
      reason: 'what has come is not what Content-File-MD5 says',
      hint: 'send it again',
      code: 'BAD_PACKAGE',
    });
  }
  const { opened } = received;
  if (opened.kind !== undefined && opened.kind !== kind) {
    throw new HttpProblem({
      status: 422,
      reason: `this package holds ${opened.kind === 'nsd' ? 'an NSD' : 'a VNFD'}`,
      hint: `send it to ${opened.kind === 'nsd' ? '/nsd/v1/ns_descriptors' : '/vnfpkgm/v1/vnf_packages'}`,
      code: 'BAD_PACKAGE',
    });
  }
  const options = { site, update: replaces !== undefined, nowMs: nowMs() };
  const before = replaces;
  const guarded =
    before === undefined
      ? opened
      : {
          ...opened,
          judge: (...judging: Parameters<typeof opened.judge>) => onlyOf(before, opened.judge(...judging)),
        };
  const [result] = await onboardPackages(packages, [guarded], options);
  if (result === undefined) throw new HttpProblem({ status: 422, reason: 'no package', hint: 'send one' });
  return idOf(result, replaces);
}

type Judged = ReturnType<Parameters<typeof onboardPackages>[1][number]['judge']>;

/** A package that takes the place of another has to have its id: otherwise both would be there. */
function onlyOf(id: string, judged: Judged): Judged {
  if (judged.descriptor === undefined || judged.descriptor.id === id) return judged;
  throw new HttpProblem({
    status: 422,
    reason: `the descriptor's id is ${judged.descriptor.id}, that of the package is ${id}`,
    hint: 'keep the id, or send it as a package of its own',
    code: 'BAD_PACKAGE',
  });
}

function accepted(upload: Readable | undefined, headers: RawCall['headers']): Readable {
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  if (type !== '' && !TYPES.includes(type.trim().toLowerCase())) {
    throw new HttpProblem({
      status: 415,
      reason: `packages are not taken as ${type.slice(0, 100)}`,
      hint: 'send a .tar.gz as application/gzip, or a descriptor as application/yaml',
      headers: { connection: 'close' },
    });
  }
  if (upload === undefined) {
    throw new HttpProblem({
      status: 400,
      reason: 'the body is missing',
      hint: 'send the package: curl --data-binary @package.tar.gz -H "Content-Type: application/gzip"',
    });
  }
  return upload;
}

function idOf(
  { outcome, problems, status, descriptor, kind }: Onboarded,
  replaces: string | undefined,
): string {
  const id = descriptor?.id ?? '';
  if (outcome === 'unchanged' && replaces === undefined) {
    throw new HttpProblem({
      status: 409,
      // In Open Source MANO's words.
      reason: `${kind} with id '${id}' already exists for this project`,
      hint: 'use the one that is there, or delete it first',
      code: 'CONFLICT',
    });
  }
  if (outcome !== 'refused' && outcome !== 'held-back') return id;
  const errors = problems.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  const exists = errors.find(({ code }) => code === 'exists');
  throw new HttpProblem({
    status: status === 200 ? 422 : status,
    reason:
      exists === undefined
        ? `${errors.length === 1 ? '' : `${errors.length} problems, the first: `}${inWords(first)}`
        : `${kind} with id '${id}' already exists for this project`,
    hint:
      exists === undefined ? (first?.mend ?? 'muster package validate') : 'delete it first, or change the id',
    code: status === 409 ? 'CONFLICT' : 'BAD_PACKAGE',
    more: {
      problems: problems.map(({ file, line, column, path, message, mend, code, severity }) => ({
        file,
        line,
        column,
        path,
        message,
        mend,
        code,
        severity,
      })),
    },
  });
}

function inWords(problem: PackageProblem | undefined): string {
  if (problem === undefined) return 'the package is refused';
  return `${problem.file}:${problem.line}: ${problem.message}`;
}
