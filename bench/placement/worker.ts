import { createInterface } from 'node:readline';
import { decisionTimes } from './decision-times.ts';
import type { Outcome } from './job.ts';
import { JobSchema } from './job.ts';
import { runFourSites } from './run-four-sites.ts';
import { runVirne } from './run-virne.ts';

/** Does jobs, one a line of standard input, and answers each with a line. */
for await (const line of createInterface({ input: process.stdin })) {
  const job = JobSchema.parse(JSON.parse(line));
  let outcome: Outcome;
  if (job.kind === 'virne') outcome = runVirne(job);
  else if (job.kind === 'times') outcome = decisionTimes(job);
  else outcome = await runFourSites(job);
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}
