import { join } from 'node:path';
import { changeInWords } from '../../core/explain/what-if-in-words.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { Scenario, UserGroup } from '../../protocol/scenario.ts';
import type { Outcome, WhatIfChange, WhatIfResult } from '../../protocol/what-if.ts';
import type { Recording } from '../report/recording.ts';
import { runScenario } from '../run-scenario.ts';
import { attackOf, seriesOf, served } from './compare-runs.ts';
import { CHANGE_AT_MS, type ForkOrder, type ScenarioFork } from './fork.ts';

const MORE = '-more';

/** Runs a scenario from its declared state, with the change and without, and records both. */
export async function runScenarioFork(
  { order, directory, runs }: Omit<ForkOrder, 'fork'>,
  fork: ScenarioFork,
  onProgress: (doneMs: number) => void,
): Promise<WhatIfResult> {
  const durationMs = order.seconds * 1000;
  const run = async (name: string, scenario: Scenario, before: number) => {
    const { report, recording } = await runScenario({
      scenario,
      plane: 'twin',
      seed: order.seed,
      defence: 'on',
      outDir: join(directory, name),
      onProgress: (progress) => {
        if (progress.kind === 'tick') onProgress(before + Math.max(0, progress.tMs));
      },
    });
    return { report, recording };
  };
  const title = `What if ${changeInWords(order.change)}`.slice(0, 200);
  const same = {
    ...fork.scenario,
    durationMs,
    title: 'What if nothing were changed',
    attacks: [],
    faults: [],
    expect: {},
  };
  const unchanged = await run(runs.unchanged, same, 0);
  const other = changedScenario({ ...same, title }, order.change);
  const changed = await run(runs.changed, other, durationMs);
  return {
    changeAtMs: CHANGE_AT_MS,
    durationMs,
    runs,
    taken: fork.taken,
    assumed: fork.assumed,
    services: same.users.map(({ name }) => ({
      name,
      before: [],
      unchanged: outcomeOf(unchanged.recording, name, durationMs),
      changed: outcomeOf(changed.recording, name, durationMs),
      moved: [],
    })),
    hosts: [],
    links: [],
    series: seriesOf(unchanged.recording.requests, changed.recording.requests, durationMs),
    attack: attackOf(changed.report),
    operations: [],
  };
}

/** @throws NOT_FOUND, NOT_SUPPORTED. */
export function changedScenario(scenario: Scenario, change: WhatIfChange): Scenario {
  switch (change.kind) {
    case 'lose-site':
      throw new MusterError('NOT_SUPPORTED', 'a site of a scenario cannot be lost in the twin', {
        hint: 'muster up --sites 4 has sites that can',
      });
    case 'more-users': {
      const groups = groupsOf(scenario.users, change.of);
      const more = groups.map((group) => ({
        ...group,
        name: `${group.name.slice(0, 58)}${MORE}`,
        count: Math.max(1, Math.round(group.count * (change.factor - 1))),
        startMs: Math.max(CHANGE_AT_MS, group.startMs ?? 0),
      }));
      return { ...scenario, users: [...scenario.users, ...more] };
    }
    case 'attack': {
      const server = scenario.functions.find(
        ({ kind, name }) => kind === 'web-server' && name === change.target,
      );
      if (server === undefined) {
        throw new MusterError('NOT_FOUND', `there is no server ${change.target} in ${scenario.name}`, {
          hint: `it has ${scenario.functions.flatMap(({ kind, name }) => (kind === 'web-server' ? [name] : [])).join(', ')}`,
        });
      }
      const attack = {
        name: 'what-if',
        kind: 'syn-flood' as const,
        at: scenario.topology.accessPoints.map(({ name }) => name),
        target: server.name,
        startMs: CHANGE_AT_MS,
        durationMs: scenario.durationMs - CHANGE_AT_MS,
        ratesPps: Array.from({ length: change.sources }, () => change.ratePps),
      };
      return { ...scenario, attacks: [attack] };
    }
    default:
      return change satisfies never;
  }
}

/** Of that name, or who ask that server; undefined: all. */
function groupsOf(users: readonly UserGroup[], of: string | undefined): readonly UserGroup[] {
  const found = users.filter(({ name, target }) => of === undefined || name === of || target === of);
  if (found.length > 0) return found;
  throw new MusterError(
    'NOT_FOUND',
    of === undefined ? 'the scenario has no users' : `there are no users ${of}`,
    {
      hint: `it has ${users.map(({ name }) => name).join(', ') || 'none'}`,
    },
  );
}

function outcomeOf({ requests }: Recording, group: string, durationMs: number): Outcome {
  const own = requests.filter(
    (each) => each.group === group || each.group === `${group.slice(0, 58)}${MORE}`,
  );
  return { units: [], served: null, brokenMs: 0, wholeAfterMs: null, ...served(own, durationMs) };
}
