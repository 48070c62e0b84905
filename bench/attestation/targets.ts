import type { Verdict } from '../targets.ts';
import { round } from '../targets.ts';
import type { Figure } from './figure.ts';
import { median, quantile } from './figure.ts';
import { CONTROL_STEPS } from './long-flood.ts';

/** A target that nothing was measured for is not met. */
export const NOTHING = 'not measured';

/** Compares what was measured with the targets of attestation. */
export function judge(figures: readonly Figure[]): readonly Verdict[] {
  const samples = (name: string) => figures.find((each) => each.name === name)?.samples ?? [];
  const verdict = (
    target: string,
    value: number | undefined,
    unit: string,
    met: (value: number) => boolean,
  ): Verdict =>
    value === undefined || !Number.isFinite(value)
      ? { target, measured: NOTHING, met: false }
      : { target, measured: `${round(value)} ${unit}`, met: met(value) };
  const worst = (name: string) => quantile(samples(name), 1);
  const ratio = (what: string, ledger: string) => {
    const [down, up] = [
      median(samples(`${what}, ledger ${ledger}`)),
      median(samples(`${what}, ledger running`)),
    ];
    return down === undefined || up === undefined ? undefined : down / up;
  };
  const shutOut = Math.max(
    ...['command', 'frame', 'frame by itself'].map(
      (what) => worst(`revocation sent until the last ${what} is taken`) ?? Number.NaN,
    ),
  );
  return [
    verdict(
      'attestation round, beside blocks, p95: at most 150 ms',
      quantile(samples('round: measure, commit, appraise'), 0.95),
      'ms',
      (ms) => ms <= 150,
    ),
    verdict(
      'appraisals: at least 20/s per verifier core',
      median(samples('appraisals with signed verdict by one verifier core')),
      '1/s',
      (perSecond) => perSecond >= 20,
    ),
    verdict('text tamper seen, worst: at most 2 s', worst('tampered until killed'), 'ms', (ms) => ms <= 2000),
    verdict(
      'revocation sent until refused everywhere, worst: at most 2 blocks of 1 s + 1 s',
      shutOut,
      'ms',
      (ms) => ms <= 3000,
    ),
    verdict(
      '50 agents attested and keyed, blocks of 1 s: at most 60 s',
      median(samples('50 agents: from nothing until all are attested and keyed')),
      's',
      (s) => s <= 60,
    ),
    verdict(
      'new epoch held by 50, worst, beside its blocks: at most 1 s',
      worst('50 agents: of it, beside its blocks'),
      's',
      (s) => s <= 1,
    ),
    ...['twin', 'linux'].flatMap((plane) => [
      verdict(
        `ddos --genuine on ${plane}, attested and keyed, blocks of 1 s, median: at most 10 s`,
        median(samples(`ddos --genuine on ${plane}: from its start until all are attested and keyed`)),
        's',
        (s) => s <= 10,
      ),
      verdict(
        `ddos --genuine on ${plane}, expectations not met, worst run: none`,
        worst(`ddos --genuine on ${plane}: expectations not met`),
        'expectations',
        (count) => count === 0,
      ),
    ]),
    ...['killed', 'stopped'].flatMap((ledger) => [
      ...CONTROL_STEPS.map((what) =>
        verdict(
          `${what}, ledger ${ledger} for 30 s: ratio of medians at most 1.1`,
          ratio(what, ledger),
          'x',
          (value) => value <= 1.1,
        ),
      ),
      verdict(
        `agents not attested on once the ledger was back, ledger ${ledger} for 30 s, worst: none`,
        worst(`agents not attested on once the ledger was back, ledger ${ledger}`),
        'agents',
        (count) => count === 0,
      ),
    ]),
  ];
}
