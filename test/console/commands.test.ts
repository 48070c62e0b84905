import { expect, test } from 'vitest';
import { atTime, commandOn, ledgerCommand, reportCommand } from '../../console/src/parts/commands.ts';

const UP = { kind: 'up' } as const;
const RUN = { kind: 'run', id: 'demo-twin-1' } as const;

test('a command of a run names it, one of what is up names nothing', () => {
  expect(commandOn(UP, 'auction', 'list')).toBe('muster auction list');
  expect(commandOn(RUN, 'auction', 'list')).toBe('muster auction list --run runs/demo-twin-1');
  expect(commandOn(RUN, 'agent', 'describe', 'a2', ...atTime(5600.0001))).toBe(
    'muster agent describe a2 --at 5.600001 --run runs/demo-twin-1',
  );
  expect(reportCommand(RUN.id)).toBe('cat runs/demo-twin-1/report.json');
});

test('of the ledger of a run the journal tells', () => {
  expect(ledgerCommand(UP, ['ledger', 'list', '--agent', 'a2'], 'a2')).toBe('muster ledger list --agent a2');
  expect(ledgerCommand(RUN, ['ledger', 'list', '--agent', 'a2'], 'a2')).toBe(
    `grep '"kind":"ledger"' runs/demo-twin-1/journal.jsonl | grep -F '"subject":"a2"'`,
  );
});

test('a name that is none stays one word for a shell', () => {
  expect(commandOn(UP, 'why', '$(rm -rf ~)')).toBe(`muster why '$(rm -rf ~)'`);
  expect(commandOn(UP, 'agent', 'describe', `x'; y`)).toBe(`muster agent describe 'x'\\''; y'`);
  expect(commandOn(UP, 'why', '')).toBe(`muster why ''`);
});
