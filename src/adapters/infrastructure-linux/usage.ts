import { readFileSync } from 'node:fs';
import type { UnitUsage } from '../../ports/infrastructure.ts';
import type { HeldUnit } from './held-unit.ts';

/** What a unit has used: time and memory from its control groups, bytes from the counters of its interfaces. */
export function readUsage({ record, cgroup }: HeldUnit): UnitUsage {
  let [receivedBytes, sentBytes] = [0, 0];
  for (const [received, sent] of counters(record.process?.pid)) {
    receivedBytes += received;
    sentBytes += sent;
  }
  const used = quiet(cgroup.usage) ?? { cpuSeconds: 0, memoryMib: 0 };
  return { id: record.order.id, ...used, receivedBytes, sentBytes };
}

/** /proc/PID/net/dev: name, then eight numbers of what was received, then eight of what was sent. */
function counters(pid: number | undefined): readonly (readonly [number, number])[] {
  const text = pid === undefined ? undefined : quiet(() => readFileSync(`/proc/${pid}/net/dev`, 'utf8'));
  return (text ?? '').split('\n').flatMap((line) => {
    const [name, values] = line.split(':');
    if (values === undefined || name?.trim() === 'lo') return [];
    const numbers = values.trim().split(/\s+/).map(Number);
    return [[numbers[0] ?? 0, numbers[8] ?? 0] as const];
  });
}

/** Undefined for what has gone meanwhile. */
function quiet<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
