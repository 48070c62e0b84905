import { readFileSync } from 'node:fs';
import type { UnitUsage } from '../../ports/infrastructure.ts';
import type { HeldUnit } from './held-unit.ts';

/** What a unit has used: time and memory from its control groups, bytes and packets from the counters of its interfaces. */
export function readUsage({ record, cgroup }: HeldUnit): UnitUsage {
  const totals = { receivedBytes: 0, sentBytes: 0, receivedPackets: 0, sentPackets: 0 };
  for (const each of counters(record.process?.pid)) {
    totals.receivedBytes += each.receivedBytes;
    totals.sentBytes += each.sentBytes;
    totals.receivedPackets += each.receivedPackets;
    totals.sentPackets += each.sentPackets;
  }
  const used = quiet(cgroup.usage) ?? { cpuSeconds: 0, memoryMib: 0 };
  return { id: record.order.id, ...used, ...totals };
}

type Traffic = Pick<UnitUsage, 'receivedBytes' | 'sentBytes' | 'receivedPackets' | 'sentPackets'>;

/** /proc/PID/net/dev: name, then eight numbers of what was received, then eight of what was sent. */
function counters(pid: number | undefined): readonly Traffic[] {
  const text = pid === undefined ? undefined : quiet(() => readFileSync(`/proc/${pid}/net/dev`, 'utf8'));
  return (text ?? '').split('\n').flatMap((line) => {
    const [name, values] = line.split(':');
    if (values === undefined || name?.trim() === 'lo') return [];
    const numbers = values.trim().split(/\s+/).map(Number);
    const [receivedBytes = 0, receivedPackets = 0] = numbers;
    const [sentBytes = 0, sentPackets = 0] = numbers.slice(8);
    return [{ receivedBytes, sentBytes, receivedPackets, sentPackets }];
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
