import { join } from 'node:path';
import type { RunId } from '../../protocol/run-view.ts';
import type { WhatIfResult } from '../../protocol/what-if.ts';
import { claimOutDir } from '../claim-out-dir.ts';
import { placingOf } from '../placement/placing-of.ts';
import { buildReport } from '../report/build-report.ts';
import { writeRun } from '../run-files.ts';
import { compareSites } from './compare-runs.ts';
import type { ForkOrder, SitesFork } from './fork.ts';
import { runSites, type SitesRun } from './run-sites.ts';

/** Runs a fork of sites twice, with the change and without, and records both. */
export async function runSitesFork(
  { order, directory, runs }: Omit<ForkOrder, 'fork'>,
  fork: SitesFork,
  onProgress: (doneMs: number) => void,
): Promise<WhatIfResult> {
  const durationMs = order.seconds * 1000;
  const record = async (name: RunId, run: SitesRun) => {
    const dir = join(directory, name);
    const giveUp = claimOutDir(dir);
    try {
      const report = buildReport(run.recording);
      await writeRun(dir, run.recording, report, run.inputs, undefined, placingOf(fork.substrate));
      return report;
    } finally {
      giveUp();
    }
  };
  const unchanged = await runSites({ fork, order, changed: false, onProgress });
  await record(runs.unchanged, unchanged);
  const changed = await runSites({
    fork,
    order,
    changed: true,
    onProgress: (doneMs) => onProgress(durationMs + doneMs),
  });
  const report = await record(runs.changed, changed);
  return compareSites(fork, unchanged, changed, { runs, report });
}
