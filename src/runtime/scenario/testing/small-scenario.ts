import type { Problem } from '../../../core/problems/problem.ts';
import { readScenario } from '../load-scenario.ts';

/** A scenario without mistakes. */
export const GOOD = `name: small
title: A small one
durationMs: 20000
topology:
  switches: [s1, s2]
  trunks:
    - { from: s1, to: s2 }
  hosts:
    - { name: h1, switch: s1, cpu: 4, memoryGb: 4 }
    - { name: h2, switch: s2, cpu: 8, memoryGb: 8, capacityBytesPerSec: 600000 }
  accessPoints:
    - { name: sap1, switch: s1 }
functions:
  - { name: web, kind: web-server, cpu: 8, memoryGb: 8 }
  - { name: monitor, kind: link-monitor, cpu: 1, memoryGb: 1, watch: web }
users:
  - { name: readers, behaviour: page, count: 3, at: [sap1], target: web }
attacks:
  - name: flood
    kind: syn-flood
    at: [sap1]
    target: web
    startMs: 5000
    durationMs: 10000
    ratesPps: [100]
`;

/** What is wrong with a scenario; empty: nothing. */
export function problemsOf(text: string): readonly Problem[] {
  const loaded = readScenario(text);
  return loaded.ok ? [] : loaded.problems;
}
