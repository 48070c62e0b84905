import { controlLoop } from './control-loop.ts';
import type { Findings } from './figure.ts';
import { attestationRound } from './round.ts';

export interface Part {
  /** What the figures are about, with the unit of work. */
  readonly title: string;
  /** It is ended then, with all that it has started. */
  readonly withinMs: number;
  run(say: (text: string) => void): Promise<Findings>;
}

const CONTROL_LOOP_MS = 360_000;

/** In the order in which they are run. */
export const PARTS: Readonly<Record<string, Part>> = {
  round: {
    title: 'attestation round, beside waiting for blocks: one agent measured, committed to and appraised',
    withinMs: 120_000,
    run: () => attestationRound(),
  },
  'control-loop': {
    title: 'control loop: one attack, from its first packet to each step of the defence',
    withinMs: CONTROL_LOOP_MS + 60_000,
    run: (say) => controlLoop(say, Number(process.env['CONTROL_LOOP_MS'] ?? CONTROL_LOOP_MS)),
  },
};
