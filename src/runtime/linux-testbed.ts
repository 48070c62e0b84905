import type { Random } from '../ports/random.ts';
import { MusterError } from '../protocol/errors.ts';
import type { Scenario } from '../protocol/scenario.ts';
import type { BuiltTestbed } from './create-testbed.ts';

/** The Linux data plane, or undefined where it cannot be had and need not. */
export async function linuxTestbed(options: {
  readonly scenario: Scenario;
  readonly random: Random;
  readonly startMs: number;
  readonly onProgress: (text: string) => void;
  readonly must: boolean;
}): Promise<BuiltTestbed | undefined> {
  if (!options.must) {
    options.onProgress('the Linux data plane is not built into this version: running in the twin');
    return undefined;
  }
  throw new MusterError('NOT_SUPPORTED', 'the Linux data plane is not built into this version', {
    hint: 'run with --plane twin',
  });
}
