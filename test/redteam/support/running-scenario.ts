import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { onEnd } from './clean-up.ts';
import { ownDirectory } from './product-copy.ts';

/** Users of agents, see the product's docs: two to each agent, in the order of their names. */
const FIRST_USER = 61_000;
const LAST_USER = 64_999;
const DOWN_WITHIN_MS = 20_000;

const ReportSchema = z.object({
  legitimate: z.object({ goodputBefore: z.number() }),
  traffic: z.object({ series: z.array(z.object({ tMs: z.number(), goodput: z.number() })) }),
});
export type Report = z.infer<typeof ReportSchema>;
const EntrySchema = z.looseObject({
  tMs: z.number(),
  event: z.string().optional(),
  subject: z.string().optional(),
});
export type RunEntry = z.infer<typeof EntrySchema>;

/** A scenario as a user runs it with genuine agents, seen from outside: what it says, its processes, and what it leaves. */
export interface RunningScenario {
  /** What it has said so far, a line each. */
  lines(): readonly string[];
  /** Of its agents that run, the first incarnations, by name. */
  agents(): ReadonlyMap<string, number>;
  /** When it has come to its end by itself. */
  readonly ended: Promise<void>;
  report(): Report;
  journal(): readonly RunEntry[];
  stop(): Promise<void>;
}

export function startScenario(name: string, root: string): RunningScenario {
  const out = join(ownDirectory(`run-${name}`), 'out');
  const args = ['scenario', 'run', name, '--genuine', '--plane', 'twin', '--rebirth', '0', '--out', out];
  const child = spawn(process.execPath, [join(root, 'bin/muster.mjs'), ...args], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (text) => (said += String(text)));
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const kill = setTimeout(() => child.kill('SIGKILL'), DOWN_WITHIN_MS);
    await ended;
    clearTimeout(kill);
  };
  onEnd(stop);
  return {
    lines: () => said.split('\n').slice(0, -1),
    agents: () => {
      const own = descendantsOf(child.pid ?? 0).flatMap((pid) => {
        const uid = userOf(pid);
        return uid >= FIRST_USER && uid <= LAST_USER ? [{ pid, uid }] : [];
      });
      const inOrder = own.sort((a, b) => a.uid - b.uid);
      return new Map(inOrder.map(({ pid }, index) => [`a${index + 1}`, pid]));
    },
    ended,
    report: () => ReportSchema.parse(JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'))),
    journal: () =>
      readFileSync(join(out, 'journal.jsonl'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => EntrySchema.parse(JSON.parse(line))),
    stop,
  };
}

function descendantsOf(root: number): readonly number[] {
  const parents = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [Number(name), parentOf(Number(name))]),
  );
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid) ?? 0;
    return parent === root || (parent > 1 && isBelow(parent));
  };
  return [...parents.keys()].filter(isBelow);
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)/m.exec(statusOf(pid))?.[1] ?? 0);
}

function userOf(pid: number): number {
  return Number(/^Uid:\s+(\d+)/m.exec(statusOf(pid))?.[1] ?? 0);
}

/** Empty: it has ended. */
function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}
