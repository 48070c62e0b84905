import type { Command } from 'commander';
import type { MindSnapshot } from '../../../core/bdi/mind.ts';
import { mindFromJournal } from '../../../core/explain/mind-from-journal.ts';
import { MusterError } from '../../../protocol/errors.ts';
import { example } from '../../example.ts';
import { openJournal } from '../../journal-source.ts';
import { knownName } from '../../known-name.ts';
import { outputFormat, printThing, table } from '../../printer.ts';
import { timeInRun } from '../../time-in-run.ts';

export function addDescribe(parent: Command): void {
  parent
    .command('describe')
    .argument('<agent>')
    .description(
      "an agent's mind at any time of a recorded run, or now as its journal tells: beliefs, goals, intentions, capabilities",
    )
    .option('--at <seconds>', 'seconds from the scenario start (default: its end)')
    .option('--run <dir>', 'the run (default: what is up here, or the last one)')
    .option('-o, --output <format>', 'table (words), json, jsonl or yaml', 'table')
    .addHelpText('after', example('muster agent describe a3 --at 5.6'))
    .action(async (agent: string, flags: { at?: string; run?: string; output: string }) => {
      const format = outputFormat(flags.output);
      const source = await openJournal(flags.run);
      if (source.kind === 'up') {
        const { journal } = source;
        const nowMs = journal.at(-1)?.tMs ?? 0;
        const atMs = flags.at === undefined ? nowMs : 1000 * Number(flags.at);
        const names = [...new Set(journal.map((each) => each.agent))].filter((each) => each !== 'muster');
        const name = knownName(agent, names, 'agent', 'bin/muster agent list');
        const mind = mindFromJournal(journal, name, atMs);
        if (mind === undefined) {
          throw new MusterError('NOT_FOUND', `${name} has said nothing by then that is kept`, {
            hint: 'bin/muster agent list',
          });
        }
        printThing({ ...mind }, words(mind, atMs), format);
        return;
      }
      const { run } = source;
      const atMs = flags.at === undefined ? run.report.durationMs : await timeInRun(run, flags.at);
      const agents = run.report.agents.map((each) => each.agent);
      const name = knownName(agent, agents, 'agent', 'bin/muster agent list');
      const mind = await run.mindAt(name, atMs);
      printThing({ ...mind }, words(mind, atMs), format);
    });
}

function words(mind: MindSnapshot, atMs: number): string[] {
  const { beliefs, goals, intentions, capabilities } = mind;
  const short = (value: unknown) => (value === undefined ? '' : JSON.stringify(value).slice(0, 90));
  const active = capabilities.filter((each) => each.active).map((each) => each.name);
  const rows = beliefs.map((each) => ({ ...each, value: short(each.value) }));
  return [
    `${mind.agent} at ${(atMs / 1000).toFixed(3)} s; active: ${active.join(', ')}`,
    '',
    table(rows, ['belief', 'truth', 'ageMs', 'source', 'value']).trimEnd(),
    '',
    goals.length === 0 ? 'No goals.' : table(goals, ['goal', 'status', 'priority', 'reason']).trimEnd(),
    '',
    intentions.length === 0
      ? 'No intentions.'
      : table(intentions, ['intention', 'plan', 'step', 'waitsFor']).trimEnd(),
  ];
}
