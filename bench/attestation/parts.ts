import { controlLoop } from './control-loop.ts';
import { exclusion } from './exclusion.ts';
import type { Findings } from './figure.ts';
import { groupSize } from './group-size.ts';
import { reExecutionCost } from './re-execution.ts';
import { recordsCompared } from './records.ts';
import { attestationRound } from './round.ts';
import { startedGenuine } from './start.ts';
import { tamper } from './tamper.ts';

export interface Part {
  /** What the figures are about, with the unit of work. */
  readonly title: string;
  /** It is ended then, with all that it has started. */
  readonly withinMs: number;
  run(say: (text: string) => void): Promise<Findings>;
}

/** Five pairs in the twin and one on real packets, of some 190 s each. */
const CONTROL_LOOP_MS = Number(process.env['CONTROL_LOOP_MS'] ?? 1_200_000);

/** In the order in which they are run. */
export const PARTS: Readonly<Record<string, Part>> = {
  round: {
    title: 'attestation round, beside waiting for blocks: one agent measured, committed to and appraised',
    withinMs: 120_000,
    run: () => attestationRound(),
  },
  're-execution': {
    title: 're-execution of decisions: what it costs an agent and its verifier',
    withinMs: 180_000,
    run: reExecutionCost,
  },
  tamper: {
    title: 'text tampering: one byte of one live agent changed and put back',
    withinMs: 150_000,
    run: tamper,
  },
  exclusion: {
    title: 'revocation: until frames and commands of an insider are refused everywhere',
    withinMs: 120_000,
    run: exclusion,
  },
  'group-size': {
    title: 'a group of N agents over 3 sites, blocks of 1 s',
    withinMs: 240_000,
    run: (say) => groupSize(say, (process.env['SIZES'] ?? '8,20,50').split(',').map(Number)),
  },
  start: {
    title:
      'muster scenario run ddos --genuine, to its end: until all agents are attested and keyed, and what was expected',
    withinMs: 1_500_000,
    run: startedGenuine,
  },
  'control-loop': {
    title:
      'control loop: an attack in whose middle the ledger is away for 30 s, from its first packet to each step of the defence',
    withinMs: CONTROL_LOOP_MS + 600_000,
    run: (say) => controlLoop(say, CONTROL_LOOP_MS),
  },
  records: {
    title: 'the same records on our ledger and on a Merkle log signed by 3 of 4 witnesses',
    withinMs: 120_000,
    run: recordsCompared,
  },
};
