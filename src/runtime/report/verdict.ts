import { count, percent, span } from '../../core/explain/in-words.ts';
import type { Report } from '../../protocol/report.ts';

/** Ratio of two rates; null when it cannot be formed. */
export function ratioOf(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || whole === 0 ? null : part / whole;
}

function keptInWords({ legitimate }: Report): string {
  const after = ratioOf(legitimate.goodputAfter, legitimate.goodputBefore);
  const during = ratioOf(legitimate.goodputDuring, legitimate.goodputBefore);
  if (after !== null)
    return `; afterwards users had ${percent(after)} of the goodput that they had before it`;
  if (during !== null)
    return `; meanwhile users had ${percent(during)} of the goodput that they had before it`;
  return '';
}

/** The run in one sentence: what happened, and what it meant for the users. */
export function verdictOf(report: Report): string {
  const { attack, mitigation, legitimate, defence } = report;
  if (attack.startMs === null) {
    const requests = legitimate.requestsInTime + legitimate.requestsLate;
    const served =
      requests === 0
        ? ''
        : `, and ${percent(legitimate.requestsInTime / requests)} of the requests were served in time`;
    const blocked = mitigation.blockedSources.length;
    return `There was no attack: ${blocked === 0 ? 'nobody was blocked' : `${count(blocked, 'address', 'addresses')} blocked all the same`}${served}.`;
  }
  if (defence === 'off') {
    const during = ratioOf(legitimate.goodputDuring, legitimate.goodputBefore);
    const left =
      during === null ? '' : ` users had ${percent(during)} of the goodput that they had before it`;
    return `Nobody defended: during the attack${left === '' ? ' nothing was done' : left}.`;
  }
  const n = attack.sources.length;
  const stopped = n - (mitigation.falseNegatives ?? 0);
  const wronged =
    mitigation.falsePositives === 0
      ? ''
      : `, but ${count(mitigation.falsePositives, 'user')} were blocked with them`;
  if (mitigation.allSourcesBlockedMs === null) {
    return `${stopped} of ${count(n, 'attacker')} were blocked${wronged}${keptInWords(report)}.`;
  }
  const took = span(mitigation.allSourcesBlockedMs - attack.startMs);
  return `${n === 1 ? 'The one attacker was' : `All ${n} attackers were`} blocked ${took} after the attack began${wronged}${keptInWords(report)}.`;
}

/** Expectations in a few words: "all 8 expectations met", "2 of 8 expectations not met". */
export function expectationsInWords({ expectations }: Report): string {
  const failed = expectations.filter(({ met }) => !met).length;
  const all = count(expectations.length, 'expectation');
  if (expectations.length === 0) return 'no expectation applies';
  return failed === 0
    ? `${expectations.length === 1 ? 'the one expectation' : `all ${all}`} met`
    : `${failed} of ${all} not met`;
}

const MOST_SHARE = 0.1;
const MOST_OF_A_SECOND = 0.5;

/** Its host withheld so much of the machine's processors that the run's times, and what depends on them, say little of Muster. */
export function isDisturbed({ withheld }: Pick<Report, 'withheld'>): boolean {
  return (
    withheld !== undefined && (withheld.share > MOST_SHARE || withheld.worstSecondShare > MOST_OF_A_SECOND)
  );
}

/** What to know before times of a disturbed run are read; null: it was not. */
export function disturbanceInWords(report: Pick<Report, 'withheld'>): string | null {
  const { withheld } = report;
  if (withheld === undefined || !isDisturbed(report)) return null;
  return `The host of this machine withheld ${percent(withheld.share)} of its processors' time during the run, ${percent(withheld.worstSecondShare)} in the worst second: times say little of the agents.`;
}
