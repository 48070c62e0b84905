import type { Row } from './row.ts';
import { isSkipped, troubleOf } from './row.ts';

/** Attacks of one run that belong together. */
export interface Found {
  readonly title: string;
  readonly rows: readonly Row[];
  /** How long they took, with their off-runs. */
  readonly seconds: number;
}

const MOST_CHARS = 420;
const OUTCOMES = ['prevented', 'detected', 'ended', 'undetected', 'not defended yet', 'not tried'] as const;

const seconds = (ms: number | undefined): string => (ms === undefined ? '' : `${(ms / 1000).toFixed(1)} s`);

function cell(text: string): string {
  const plain = text.replaceAll('|', '\\|').replaceAll('\n', ' ');
  return plain.length <= MOST_CHARS ? plain : `${plain.slice(0, plain.lastIndexOf(' ', MOST_CHARS))} …`;
}

/** What was found, for people. `where`: on what machine. */
export function markdownOf(groups: readonly Found[], where: string): string {
  const rows = groups.flatMap((each) => each.rows);
  const counts = OUTCOMES.map(
    (outcome) => `${rows.filter((row) => row.outcome === outcome).length} ${outcome}`,
  );
  const failures = rows.flatMap((row) => {
    const trouble = troubleOf(row);
    return trouble === undefined ? [] : [`- \`${row.id}\`: ${cell(trouble)}`];
  });
  const shown = rows.filter(({ withoutDefence }) => withoutDefence?.asExpected === true).length;
  const limits = rows.filter(
    ({ withoutDefence, limit }) => withoutDefence === undefined && limit !== undefined,
  );
  const tookMin = groups.reduce((sum, each) => sum + each.seconds, 0) / 60;
  return `# Red team

\`make redteam\` makes these attacks, against agents, guards, daemons and contracts that run, and writes this page. The attacker is a
program of its own (\`test/redteam\`) that shares no code with the product; an insider is the product with its own text changed. ${where}
All of it took ${tookMin.toFixed(0)} minutes.

${counts.join(', ')}; **${failures.length} not as expected**. Of ${rows.length} rows, ${shown} were shown in the same run to fail once
the defence that they aim at is taken away; ${limits.length} tell of a limit, where there is no such defence.

${rows.flatMap(shownLine).join('\n')}

- **prevented**: it had no effect. **detected**: it was noticed, and whoever it was done to was thrown out.
- **ended**: nothing noticed it, and what it changed ended with the process that it was in.
- **undetected**: nothing noticed it. Expected where measurement does not reach; told here so that nobody relies on it.
- **not defended yet**: it works, or what would stop it is not built.
- *detection*: from the act to the first entry of the journal about it; *exclusion*: to the final block that says so (for what is *ended*,
  to the end of the process).

${groups.map(tableOf).join('\n\n')}

## How each row can fail

Each row has a control, the same without the tampering, and an off-run, the same against a copy of the product without the defence.

| row | untampered control | without the defence |
|---|---|---|
${rows.map(proofsOf).join('\n')}
${failures.length === 0 ? '' : `\n## Not as expected\n\n${failures.join('\n')}\n`}`;
}

function shownLine({ must }: Row): readonly string[] {
  if (must === undefined) return [];
  const { what, ms, mostMs } = must;
  return [`- ${what}: **${ms === undefined ? 'never' : seconds(ms)}** (at most ${mostMs / 1000} s)`];
}

function tableOf({ title, rows }: Found): string {
  return `## ${title}

| attack | attacker | what the attacker did | outcome | detection | exclusion | what happened |
|---|---|---|---|---|---|---|
${rows
  .map((row) => {
    const { attack, attacker, did, outcome, detectedMs, excludedMs, what } = row;
    const cells = [attack, attacker, did, `**${outcome}**`, seconds(detectedMs), seconds(excludedMs), what];
    return `| ${cells.map(cell).join(' | ')} |`;
  })
  .join('\n')}`;
}

function proofsOf(row: Row): string {
  const { id, control, withoutDefence, limit, what } = row;
  if (isSkipped(row)) return `| \`${id}\` | ${cell(what)} | |`;
  const off = withoutDefence?.did ?? (limit === undefined ? 'not shown' : `none: ${limit}`);
  return `| \`${id}\` | ${cell(control?.did ?? 'none')} | ${cell(off)} |`;
}

/** One line a row, for a terminal. */
export function lineOf(row: Row): string {
  const { id, outcome, detectedMs, excludedMs, withoutDefence, limit } = row;
  const trouble = troubleOf(row);
  const times = [seconds(detectedMs), seconds(excludedMs)].filter((each) => each !== '').join(' / ');
  const proof = withoutDefence?.asExpected === true ? ', can fail' : limit === undefined ? '' : ', a limit';
  return `${trouble === undefined ? 'ok  ' : 'FAIL'} ${id.padEnd(24)} ${outcome}${times === '' ? '' : ` (${times})`}${proof}${trouble === undefined ? '' : `: ${trouble}`}`;
}
