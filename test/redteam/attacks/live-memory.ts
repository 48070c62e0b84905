import { readFileSync, readlinkSync } from 'node:fs';
import type { Mapping } from '../support/tamper.ts';
import { holdTraced, mappingOf, readByte, tamper, writeByte } from '../support/tamper.ts';
import type { LiveAttack } from './live-attack.ts';

const EXCLUDED_WITHIN_MS = 5000;
const FROM_TAMPER_TO_EXCLUSION =
  'from a byte of text changed to the final block that excludes the agent, blocks of a second';

const isNode = ({ name }: Mapping): boolean => name.endsWith('/node');
const text = (pid: number): Mapping => mappingOf(pid, (each) => each.rights === 'r-xp' && isNode(each));

/** What root can do to the memory of an agent that runs. Each acts on one process and answers what it did. */
export const MEMORY_ATTACKS: readonly LiveAttack[] = [
  {
    id: 'text-patched',
    attack: 'text patched live through /proc/PID/mem',
    attacker: 'root',
    did: 'turned over one byte of the executable text of node in a running agent',
    expected: 'detected',
    must: { what: FROM_TAMPER_TO_EXCLUSION, mostMs: EXCLUDED_WITHIN_MS },
    act: ({ pid }) => {
      const at = text(pid).end - 64;
      writeByte(pid, at, readByte(pid, at) ^ 0xff);
    },
    harmless: ({ pid }) => void readByte(pid, text(pid).end - 64),
    harmlessDid: 'read the same byte of another agent',
  },
  {
    id: 'text-restored',
    attack: 'text patched and restored',
    attacker: 'root',
    did: 'turned over one byte of the text and put it back at once: the hash is clean again',
    expected: 'detected',
    act: ({ pid }) => {
      const at = text(pid).end - 8192;
      const was = readByte(pid, at);
      writeByte(pid, at, was ^ 0xff);
      writeByte(pid, at, was);
    },
  },
  {
    id: 'memfd',
    attack: 'a memfd mapping made executable',
    attacker: 'root',
    did: 'made the agent call memfd_create and mmap it as code, by its own system calls, without a write to its text',
    expected: 'detected',
    act: ({ pid }) => {
      const { ok, said } = tamper('memfd', pid);
      if (!ok) throw new Error(said);
    },
  },
  {
    id: 'ptrace',
    attack: 'ptrace attach',
    attacker: 'root',
    did: 'attached a tracer and kept it',
    expected: 'detected',
    act: async ({ pid }) => holdTraced(pid),
  },
  {
    id: 'ptrace-short',
    attack: 'ptrace attach for a few milliseconds',
    attacker: 'root',
    did: 'attached, read registers and a word of the stack, detached: over before the next look of the guard (one a second)',
    expected: 'undetected',
    limit:
      'between two looks nobody looks, and the kernel keeps no trace of it. It takes root; other users are kept out (row same-user)',
    act: ({ pid }) => {
      const { ok, said } = tamper('peek', pid);
      if (!ok) throw new Error(said);
    },
  },
  {
    id: 'sigusr1',
    attack: 'SIGUSR1 and the inspector',
    attacker: 'root',
    did: 'sent SIGUSR1, with which Node opens its inspector, and looked for a listening socket',
    expected: 'prevented',
    act: ({ pid }) => void process.kill(pid, 'SIGUSR1'),
    hasEffect: ({ pid }) => listens(pid),
  },
];

/** Whether the process listens on TCP anywhere. */
function listens(pid: number): boolean {
  const listening = ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === '0A')
      .map((fields) => fields[9] ?? ''),
  );
  for (let fd = 0; fd < 64; fd++) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
      if (inode !== undefined && listening.includes(inode)) return true;
    } catch {
      // not open
    }
  }
  return false;
}
