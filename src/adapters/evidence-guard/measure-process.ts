import { readFileSync, readlinkSync } from 'node:fs';
import type { Finding, Measurement, TextSegment } from '../../protocol/measurement.ts';
import type { DescriptorRules } from './descriptors.ts';
import { judgeDescriptors, openDescriptors } from './descriptors.ts';
import { hasCode } from './has-code.ts';
import { digestOfSegments, measureText } from './measure-text.ts';
import { executableMappings } from './memory-map.ts';
import { hashRanges, openMemory } from './process-memory.ts';
import { processStatus } from './process-status.ts';
import type { CodeRules } from './runtime-code.ts';
import { excessOfRuntimeCode } from './runtime-code.ts';
import { foreignCode, sortMappings } from './sort-mappings.ts';

/** What a process has to be, as the guard knows it from having spawned it. */
export interface ProcessRules extends CodeRules, DescriptorRules {
  readonly startTime: number;
  /** Where /proc/PID/exe points. */
  readonly executable: string;
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly uid: number;
  readonly maxThreads: number;
  readonly noNewPrivileges: boolean;
  /** Of the guard itself, see `ownVdso`; empty: not compared. */
  readonly vdsoSha256: string;
  /** Copies of its own text that it made at the start and must still have. */
  readonly equalCopies?: number;
  /** Where the caller knows them; otherwise it compares the digest. */
  readonly segments?: readonly TextSegment[];
}

export interface LightProbe {
  readonly findings: readonly Finding[];
  readonly writtenTextKb: number;
  readonly threads: number;
  readonly descriptors: number;
}

const GONE: Finding = { kind: 'gone', sentence: 'the process has ended' };
const NOTHING = { writtenTextKb: 0, threads: 0, descriptors: 0 };

/** All probes; never throws. The hash comes first: what is written while it runs leaves its mark on the pages, which are looked at after. */
export async function measureProcess(pid: number, rules: ProcessRules): Promise<Measurement> {
  try {
    const text = await measureText(pid);
    const light = probeProcess(pid, rules);
    const findings = [...light.findings, ...text.findings, ...compareSegments(text.segments, rules.segments)];
    if (text.equalCopies < (rules.equalCopies ?? 0))
      findings.push({ kind: 'text-changed', sentence: 'a copy of its builtins has been changed' });
    if (rules.vdsoSha256 !== '' && text.vdsoSha256 !== rules.vdsoSha256)
      findings.push({ kind: 'text-changed', sentence: 'the code that the kernel maps in (vdso) differs' });
    return {
      findings,
      digest: digestOfSegments(text.segments),
      parts: {
        segments: text.segments,
        equalCopies: text.equalCopies,
        unhashedCode: text.unhashedCode,
        vdsoSha256: text.vdsoSha256,
        writtenTextKb: light.writtenTextKb,
        threads: light.threads,
        descriptors: light.descriptors,
      },
    };
  } catch (error) {
    return without(isGone(pid, error) ? GONE : unmeasurable(error));
  }
}

/** What is measured of a process that has ended. */
export function goneMeasurement(): Measurement {
  return without(GONE);
}

function without(finding: Finding): Measurement {
  const none = { equalCopies: 0, unhashedCode: { mappings: 0, bytes: 0 }, vdsoSha256: '' };
  return { findings: [finding], digest: digestOfSegments([]), parts: { segments: [], ...none, ...NOTHING } };
}

/** The probes that are cheap enough for once a second: everything but the hash. */
export function probeProcess(pid: number, rules: ProcessRules): LightProbe {
  try {
    const status = processStatus(pid);
    if (status.dead || status.startTime !== rules.startTime) return { findings: [GONE], ...NOTHING };
    const findings: Finding[] = [];
    const found = (kind: Finding['kind'], sentence: string) => findings.push({ kind, sentence });
    const mappings = executableMappings(pid);
    const written = mappings.filter((each) => each.inode !== 0 && each.writtenBytes > 0);
    for (const { name, writtenBytes } of written)
      found('text-written', `${writtenBytes / 1024} kB of the text of ${name} were written to`);
    const sorted = sortMappings(mappings);
    findings.push(...sorted.foreign.map(foreignCode), ...excessOfRuntimeCode(sorted.anonymous, rules));
    if (status.tracerPid !== 0) found('traced', `process ${status.tracerPid} traces it`);
    if (status.threads > rules.maxThreads)
      found('threads', `it has ${status.threads} threads, at most ${rules.maxThreads} are allowed`);
    if (status.uids.some((uid) => uid !== rules.uid))
      found('privileges', `its users are ${status.uids.join(', ')} instead of ${rules.uid}`);
    if (rules.uid !== 0 && status.capable) found('privileges', 'it holds capabilities');
    if (rules.noNewPrivileges && !status.noNewPrivileges) found('privileges', 'it may gain privileges');
    const executable = readlinkSync(`/proc/${pid}/exe`);
    if (executable !== rules.executable)
      found('executable-changed', `it runs ${executable} instead of ${rules.executable}`);
    const argv = zeroSeparated(pid, 'cmdline');
    if (!equalLists(argv, rules.argv))
      found('argv-changed', `its arguments are ${argv.join(' ').slice(0, 500)}`);
    const expected = Object.entries(rules.environment).map(([name, value]) => `${name}=${value}`);
    const changed = firstDifferent(zeroSeparated(pid, 'environ').sort(), expected.sort());
    if (changed !== undefined)
      found('environ-changed', `its environment differs at ${changed.split('=')[0]}`);
    const open = openDescriptors(pid);
    findings.push(...judgeDescriptors(pid, open, rules));
    return {
      findings,
      writtenTextKb: written.reduce((sum, each) => sum + each.writtenBytes / 1024, 0),
      threads: status.threads,
      descriptors: open.length,
    };
  } catch (error) {
    return { findings: [isGone(pid, error) ? GONE : unmeasurable(error)], ...NOTHING };
  }
}

/** sha256 of the vdso of this very process: the kernel gives every process of one boot the same. Empty where there is none. */
export async function ownVdso(): Promise<string> {
  const vdso = executableMappings(process.pid).find((each) => each.name === '[vdso]');
  if (vdso === undefined) return '';
  const memory = openMemory(process.pid);
  try {
    return await hashRanges(memory.read, [vdso]);
  } finally {
    memory.close();
  }
}

function compareSegments(
  found: readonly TextSegment[],
  expected: readonly TextSegment[] | undefined,
): Finding[] {
  if (expected === undefined) return [];
  const key = ({ file, offset, sizeBytes }: TextSegment) => `${file}, ${sizeBytes} bytes at ${offset}`;
  const wanted = new Map(expected.map((each) => [key(each), each.sha256]));
  const findings: Finding[] = [];
  for (const segment of found) {
    const sha256 = wanted.get(key(segment));
    wanted.delete(key(segment));
    if (sha256 === undefined)
      findings.push({ kind: 'foreign-code', sentence: `${key(segment)}: code that nobody expects` });
    else if (sha256 !== segment.sha256)
      findings.push({
        kind: 'text-changed',
        sentence: `${key(segment)}: the bytes in memory differ from the file's`,
      });
  }
  for (const missing of wanted.keys())
    findings.push({ kind: 'text-changed', sentence: `${missing}: is missing` });
  return findings;
}

function zeroSeparated(pid: number, name: 'cmdline' | 'environ'): string[] {
  const text = readFileSync(`/proc/${pid}/${name}`, 'utf8');
  return text === '' ? [] : text.replace(/\0$/, '').split('\0');
}

function equalLists(a: readonly string[], b: readonly string[]): boolean {
  return firstDifferent(a, b) === undefined;
}

function firstDifferent(a: readonly string[], b: readonly string[]): string | undefined {
  const length = Math.max(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    if (a[index] !== b[index]) return a[index] ?? b[index] ?? '';
  }
  return undefined;
}

/** An exception while appraising counts as a failure. */
function unmeasurable(error: unknown): Finding {
  const why = error instanceof Error ? error.message : String(error);
  return { kind: 'unmeasurable', sentence: `it cannot be measured: ${why.slice(0, 500)}` };
}

/** What /proc says of a process that ends while it is looked at: its files vanish, or its memory reads as empty. */
function isGone(pid: number, error: unknown): boolean {
  if (hasCode(error, 'ENOENT') || hasCode(error, 'ESRCH')) return true;
  try {
    return processStatus(pid).dead;
  } catch {
    return true;
  }
}
