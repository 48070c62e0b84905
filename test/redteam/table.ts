import type { Row } from './row.ts';
import { troubleOf } from './row.ts';

const ms = (value: number | undefined): string =>
  value === undefined ? '' : `${(value / 1000).toFixed(1)} s`;
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ').slice(0, 400);

/** What was found, for people. */
export function markdownOf(rows: readonly Row[], where: string): string {
  const count = (outcome: Row['outcome']): number => rows.filter((row) => row.outcome === outcome).length;
  const outcomes = ['prevented', 'detected', 'undetected', 'not defended yet', 'not tried'] as const;
  const shown = rows.filter(({ withoutDefence }) => withoutDefence?.asExpected === true).length;
  const failures = rows.flatMap((row) => {
    const trouble = troubleOf(row);
    return trouble === undefined ? [] : [`- \`${row.id}\`: ${cell(trouble)}`];
  });
  return `# Red team

\`make redteam\` makes these attacks, against agents, guards, daemons and contracts that run, and writes this page. The attacker is a
program of its own (\`test/redteam\`) that shares no code with the product. ${where}

${outcomes.map((outcome) => `${count(outcome)} ${outcome}`).join(', ')}; ${failures.length} not as expected. For ${shown} of
${rows.length} it was shown in the same run that the row fails once the defence is taken away.

- **prevented**: it had no effect. **detected**: it was noticed, and whoever it was done to was thrown out.
- **undetected**: nothing noticed it. Expected where measurement does not reach; told here so that nobody relies on it.
- **not defended yet**: it works, or what would stop it is not built.
- *detection*: from the act to the first entry of the journal about it; *exclusion*: to the final block that says so.

| attack | attacker | what the attacker did | outcome | detection | exclusion | what happened |
|---|---|---|---|---|---|---|
${rows
  .map((row) =>
    [
      row.attack,
      row.attacker,
      row.did,
      `**${row.outcome}**`,
      ms(row.detectedMs),
      ms(row.excludedMs),
      row.what,
    ]
      .map(cell)
      .join(' | '),
  )
  .map((line) => `| ${line} |`)
  .join('\n')}

## How each row can fail

| row | untampered control | without the defence |
|---|---|---|
${rows
  .map(
    ({ id, control, withoutDefence }) =>
      `| \`${id}\` | ${cell(control?.did ?? 'none')} | ${cell(withoutDefence?.did ?? 'not shown')} |`,
  )
  .join('\n')}
${failures.length === 0 ? '' : `\n## Not as expected\n\n${failures.join('\n')}\n`}`;
}

/** One line a row, for a terminal. */
export function lineOf(row: Row): string {
  const trouble = troubleOf(row);
  const times = [ms(row.detectedMs), ms(row.excludedMs)].filter((each) => each !== '').join(' / ');
  const proof = row.withoutDefence === undefined ? '' : row.withoutDefence.asExpected ? ', can fail' : '';
  return `${trouble === undefined ? 'ok  ' : 'FAIL'} ${row.id.padEnd(24)} ${row.outcome}${times === '' ? '' : ` (${times})`}${proof}${trouble === undefined ? '' : `: ${trouble}`}`;
}
