import { createHash } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ScenarioSchema } from '../../src/protocol/scenario.ts';

const AGENTS_OF_DEMO = 8;
/** Entries at the beginning of the fight, of which each group of agents has its own. */
const FROM_MS = 5_000;

export interface Size {
  readonly sites: number;
  readonly agents: number;
  readonly entries: number;
}

/**
 * Makes a recording of that size of one of the demo: each eight agents fight the flood of the demo again, under names, times and ids of
 * their own. Its report is that of the demo, but for what it says of the journal.
 */
export function makeLargeRecording(from: string, to: string, { sites, agents, entries }: Size): void {
  cpSync(from, to, { recursive: true });
  writeFileSync(join(to, 'scenario.json'), JSON.stringify(largeScenario(sites, agents)));
  const groups = agents / AGENTS_OF_DEMO;
  const all = readFileSync(join(from, 'journal.jsonl'), 'utf8').trim().split('\n');
  const first = all.findIndex((line) => (JSON.parse(line) as { readonly tMs: number }).tMs >= FROM_MS);
  const each = Math.ceil(entries / groups);
  const fight = all.slice(first, first + each);
  const lines: string[] = [];
  for (let group = 0; group < groups && lines.length < entries; group++)
    for (const line of fight) if (lines.length < entries) lines.push(inGroup(line, group));
  if (lines.length < entries) throw new Error(`there are only ${lines.length} entries`);
  const text = `${lines.join('\n')}\n`;
  writeFileSync(join(to, 'journal.jsonl'), text);
  const report = JSON.parse(readFileSync(join(to, 'report.json'), 'utf8')) as {
    recorded: { journal: unknown };
  };
  report.recorded.journal = {
    lines: lines.length,
    sha256: createHash('sha256').update(text).digest('hex'),
  };
  writeFileSync(join(to, 'report.json'), JSON.stringify(report));
}

/** Agents, their ids and conversations, and the runtime's own ids get the numbers of the group. */
export function inGroup(line: string, group: number): string {
  const renamed = line
    .replaceAll(/\ba([1-8])\b/g, (_, digit: string) => `a${Number(digit) + group * AGENTS_OF_DEMO}`)
    .replaceAll(/\bmuster:(\d+)\b/g, (_, digits: string) => `muster:${Number(digits) + group * 100_000}`);
  return renamed.replace(/"tMs":(-?[\d.]+)/, (_, digits: string) => `"tMs":${Number(digits) + group * 1000}`);
}

export function largeScenario(sites: number, agents: number) {
  const switches = Array.from({ length: sites }, (_, at) => `s${at}`);
  return ScenarioSchema.parse({
    name: 'large',
    title: `${sites} sites, ${agents} agents`,
    durationMs: 1000,
    topology: {
      switches,
      trunks: switches.slice(1).map((to, at) => ({ from: switches[at], to })),
      hosts: Array.from({ length: agents }, (_, at) => ({
        name: `h${at}`,
        switch: switches[at % switches.length],
        cpu: 4,
        memoryGb: 4,
      })),
      accessPoints: [{ name: 'ap', switch: 's0' }],
    },
    functions: [{ name: 'web', kind: 'web-server', cpu: 1, memoryGb: 1 }],
  });
}
