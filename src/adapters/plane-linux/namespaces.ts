import { readdirSync } from 'node:fs';
import { startOfProcess } from '../machine-linux/start-of-process.ts';
import { runTool } from './run-tool.ts';

const MARK = /^muster-(\d+)-(\d+)-[a-z0-9-]+$/;

/** Name of a namespace of this process: it carries Muster's mark and its owner. */
export function namespaceName(node: string): string {
  return `muster-${process.pid}-${startOfProcess(process.pid) ?? '0'}-${node}`;
}

function namespaces(): string[] {
  try {
    return readdirSync('/run/netns').filter((name) => MARK.test(name));
  } catch {
    return [];
  }
}

/** Removes namespaces, with the processes that still live in them. */
export async function removeNamespaces(names: readonly string[]): Promise<void> {
  for (const name of names) {
    const pids = await runTool(['ip', 'netns', 'pids', name]).catch(() => '');
    for (const pid of pids.split('\n').filter((each) => each !== '')) {
      try {
        process.kill(Number(pid), 'SIGKILL');
      } catch {
        // It has ended by itself meanwhile.
      }
    }
  }
  const lines = names.map((name) => `netns del ${name}\n`).join('');
  if (lines !== '') await runTool(['ip', '-force', '-batch', '-'], lines).catch(() => undefined);
}

/** Namespaces of this process that are there now. */
export function ownNamespaces(): string[] {
  const prefix = namespaceName('');
  return namespaces().filter((name) => name.startsWith(prefix));
}

/** Namespaces whose owner is no longer alive: it was killed before it could clean up. */
export function leftoverNamespaces(): string[] {
  return namespaces().filter((name) => {
    const [, pid = '', start = ''] = MARK.exec(name) ?? [];
    return startOfProcess(pid) !== start;
  });
}

/** Removes what owners that are no longer alive left behind; nothing without Muster's mark, nothing of a living owner. */
export async function sweepLeftovers(): Promise<string[]> {
  const dead = leftoverNamespaces();
  await removeNamespaces(dead);
  return dead;
}
