import { count, list, percent, plainText, rate, span } from '../../core/explain/in-words.ts';
import type { Report } from '../../protocol/report.ts';
import { whyNoAfter, whyNoLimited } from './expectations/goodput-checks.ts';
import { disturbanceInWords, expectationsInWords, ratioOf, verdictOf } from './verdict.ts';

/** Where the run was written, so that the summary can name the commands that read it. */
export interface SummaryPlaces {
  readonly runDir?: string;
  readonly htmlPath?: string;
}

function steps({ attack, mitigation, defence }: Report): string[] {
  const { startMs } = attack;
  if (startMs === null || defence === 'off') return [];
  const after = (tMs: number | null, done: string, never: string): string =>
    tMs === null ? never : `${done} ${span(tMs - startMs)} after its first packet.`;
  const { detectedMs, firstLinkLimitMs, firstTargetLimitMs, allSourcesBlockedMs } = mitigation;
  const n = attack.sources.length;
  const blocked = n - (mitigation.falseNegatives ?? 0);
  return [
    after(detectedMs, 'The attack was noticed', 'No agent noticed the attack.'),
    after(firstLinkLimitMs, 'The link was limited', 'No link was limited.'),
    after(firstTargetLimitMs, 'The target was limited', 'No attacked target was limited.'),
    after(
      allSourcesBlockedMs,
      `${blocked} of ${count(n, 'source')} were blocked, the last`,
      `${blocked} of ${count(n, 'source')} were blocked.`,
    ),
  ];
}

function wronged({ mitigation, defence }: Report): string[] {
  if (defence === 'off') return [];
  return [
    mitigation.falsePositives === 0
      ? 'No legitimate user was blocked.'
      : `Legitimate users blocked: ${mitigation.falsePositives}.`,
  ];
}

function goodput(report: Report): string[] {
  const { goodputBefore, goodputDuring, goodputLimited, goodputAfter, users, requestsInTime, requestsLate } =
    report.legitimate;
  const lines: string[] = [];
  if (goodputBefore !== null) {
    const share = (figure: number | null, when: string): string[] => {
      const ratio = ratioOf(figure, goodputBefore);
      return figure === null || ratio === null ? [] : [`${when} ${rate(figure)} (${percent(ratio)})`];
    };
    const phases = [
      ...share(goodputDuring, 'during the attack'),
      ...share(goodputLimited, 'while the target was limited'),
      ...share(goodputAfter, 'after the last block'),
    ];
    lines.push(
      `Users had ${rate(goodputBefore)} of goodput before the attack${phases.length === 0 ? '' : `, ${list(phases)}`}.`,
    );
  }
  const notes =
    report.defence === 'off'
      ? []
      : [
          ['while the target was limited', whyNoLimited(report)] as const,
          ['after the last block', whyNoAfter(report)] as const,
        ];
  for (const [when, why] of notes)
    if (why !== null) lines.push(`There is no figure for goodput ${when}: ${why}.`);
  const all = requestsInTime + requestsLate;
  lines.push(
    `${count(users, 'user')} made ${count(all, 'request')}, ${all === 0 ? 'none' : percent(requestsInTime / all)} of them served in time.`,
  );
  return lines;
}

function judged(report: Report): string[] {
  const words = expectationsInWords(report);
  const failed = report.expectations.filter(({ met }) => !met);
  return [
    `${words.slice(0, 1).toUpperCase()}${words.slice(1)}${failed.length === 0 ? '.' : ':'}`,
    ...failed.map(({ name, expected, measured }) => `  ${name}: expected ${expected}; measured ${measured}.`),
  ];
}

/** A path as one word of a shell command. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function nextCommands(report: Report, { runDir, htmlPath }: SummaryPlaces): string[] {
  const last =
    report.actions.findLast(({ kind }) => kind === 'block-source') ??
    report.actions.findLast(({ kind }) => kind === 'limit-target' || kind === 'limit-link');
  const run = runDir === undefined ? '' : ` --run ${shellWord(runDir)}`;
  return [
    ...(last === undefined ? [] : [`Why was that done?  bin/muster why ${shellWord(last.id)}${run}`]),
    ...(htmlPath === undefined ? [] : [`See it in a browser:  ${htmlPath}`]),
  ];
}

/** The end of a run in plain sentences for the terminal, and the commands to try next. */
export function summary(report: Report, places: SummaryPlaces = {}): string[] {
  const disturbance = disturbanceInWords(report);
  return [
    verdictOf(report),
    ...steps(report),
    ...wronged(report),
    ...goodput(report),
    `The agents held ${count(report.auctions, 'auction')} and sent ${count(report.messages, 'message')}.`,
    ...judged(report),
    ...(disturbance === null ? [] : [disturbance]),
    ...nextCommands(report, places),
  ].map(plainText);
}
