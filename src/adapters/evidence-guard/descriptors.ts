import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Finding } from '../../protocol/measurement.ts';

/** An open descriptor: `socket:[123]`, `pipe:[123]`, `anon_inode:[eventpoll]` or a path. */
export interface Descriptor {
  readonly number: number;
  readonly target: string;
}

export interface DescriptorRules {
  /** Sockets and pipes that the guard gave, as `openDescriptors` told them at the start. */
  readonly given: ReadonlySet<string>;
  /** Files that may be open, besides those that a runtime reads about itself. */
  readonly files: readonly string[];
}

/** What event loops are made of. */
const LOOP_PARTS = /^anon_inode:\[?(eventpoll|eventfd|timerfd|signalfd|io_uring)\]?$/;

/** Throws ENOENT when the process has gone. */
export function openDescriptors(pid: number): readonly Descriptor[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((name) => {
    try {
      return [{ number: Number(name), target: readlinkSync(`/proc/${pid}/fd/${name}`) }];
    } catch {
      return []; // closed since
    }
  });
}

/** Everything open must be given, part of the event loop, or a pipe with both its ends in the process. */
export function judgeDescriptors(
  pid: number,
  open: readonly Descriptor[],
  rules: DescriptorRules,
): Finding[] {
  const ends = new Map<string, number>();
  for (const { target } of open) ends.set(target, (ends.get(target) ?? 0) + 1);
  const surprising = open.filter(({ target }) => {
    if (rules.given.has(target) || LOOP_PARTS.test(target)) return false;
    if (target.startsWith('pipe:')) return (ends.get(target) ?? 0) < 2;
    return !(rules.files.includes(target) || aboutItself(pid, target));
  });
  return surprising.map(({ number, target }) => describe(pid, number, target));
}

/** A runtime that asks for its own memory and processor time opens these for a moment. */
function aboutItself(pid: number, target: string): boolean {
  return (
    ['/dev/null', '/proc/meminfo', '/proc/stat', '/proc/cpuinfo', '/proc/uptime'].includes(target) ||
    target === `/proc/${pid}/stat` ||
    target === `/proc/${pid}/cgroup` ||
    target.startsWith('/sys/fs/cgroup/')
  );
}

function describe(pid: number, number: number, target: string): Finding {
  const inode = /^socket:\[([0-9]+)\]$/.exec(target)?.[1];
  const where = inode === undefined ? undefined : listeningAt(pid, inode);
  return where === undefined
    ? {
        kind: 'unexpected-descriptor',
        sentence: `descriptor ${number} is ${target}, which the guard did not give`,
      }
    : { kind: 'listening', sentence: `descriptor ${number} listens at ${where}` };
}

const TCP_LISTEN = '0A';
const ACCEPTS = 0x10000;

/** Address at which a socket listens, in the network namespace of the process. */
function listeningAt(pid: number, inode: string): string | undefined {
  for (const family of ['tcp', 'tcp6']) {
    for (const line of table(pid, family)) {
      const fields = line.trim().split(/\s+/);
      if (fields[3] !== TCP_LISTEN || fields[9] !== inode) continue;
      return `${family} port ${Number.parseInt(fields[1]?.split(':')[1] ?? '', 16)}`;
    }
  }
  for (const line of table(pid, 'unix')) {
    const fields = line.trim().split(/\s+/);
    if (fields[6] !== inode) continue;
    if ((Number.parseInt(fields[3] ?? '', 16) & ACCEPTS) !== 0)
      return `unix socket ${fields[7] ?? '(no name)'}`;
  }
  return undefined;
}

function table(pid: number, name: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/net/${name}`, 'utf8').split('\n').slice(1);
  } catch {
    return [];
  }
}
