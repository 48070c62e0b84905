import { MusterError } from '../../protocol/errors.ts';
import { type ForkOrder, ForkOrderSchema } from './fork.ts';
import { runScenarioFork } from './run-scenario-fork.ts';
import { runSitesFork } from './run-sites-fork.ts';
import type { WhatIfWord } from './what-if-word.ts';

// A what-if in a process of its own: what is up goes on beside it, and it can be ended at any moment. Its order comes in over the standard
// input, what it says goes out over the standard output, a line each.

const say = (word: WhatIfWord): void => {
  process.stdout.write(`${JSON.stringify(word)}\n`);
};

async function ordered(): Promise<ForkOrder> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return ForkOrderSchema.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
}

try {
  const { fork, ...order } = await ordered();
  const onProgress = (doneMs: number) => {
    say({ kind: 'progress', part: Math.min(1, doneMs / (2000 * order.order.seconds)) });
  };
  const result =
    fork.kind === 'sites'
      ? await runSitesFork(order, fork, onProgress)
      : await runScenarioFork(order, fork, onProgress);
  say({ kind: 'result', result });
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  const hint = error instanceof MusterError && error.hint !== '' ? `; ${error.hint}` : '';
  say({ kind: 'failed', reason: `${reason}${hint}`.slice(0, 2000) });
  process.exitCode = 1;
}
