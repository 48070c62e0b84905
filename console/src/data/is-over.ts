import type { RunDetail } from '../../../src/protocol/run-view.ts';

/** Whether a run has been recorded: nothing of it changes any more. */
export function isOver({ report }: RunDetail): boolean {
  return report !== null;
}
