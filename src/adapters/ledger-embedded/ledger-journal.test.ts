import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { frameRecord } from './journal-record.ts';
import { openLedgerJournal } from './ledger-journal.ts';

let directory = '';
let path = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'muster-journal-'));
  path = join(directory, 'journal');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const taken = (byte: string) => ({ kind: 'taken', raws: [`0x${byte.repeat(40)}`] }) as const;
const three = [taken('01'), taken('02'), taken('03')];
const lines = three.map((record, position) => frameRecord(position, record));

async function reopened(content: string) {
  await writeFile(path, content);
  const journal = await openLedgerJournal(path);
  await journal.close();
  return journal;
}

test('what was appended is there again', async () => {
  const journal = await openLedgerJournal(path);
  for (const record of three) await journal.append(record);
  await journal.close();
  const again = await openLedgerJournal(path);
  expect(again.records).toEqual(three);
  expect(again.cut).toBeUndefined();
  await again.append(taken('04'));
  await again.close();
  expect((await reopened(await readFile(path, 'utf8'))).records).toHaveLength(4);
});

test('wherever the last write stopped, the rest is cut off and counted, and nothing before it is lost', async () => {
  const [first = '', second = '', last = ''] = lines;
  for (let length = 1; length < last.length; length++) {
    const journal = await reopened(first + second + last.slice(0, length));
    expect(journal.records).toEqual(three.slice(0, 2));
    expect(journal.cut).toEqual({ bytes: length, records: 1 });
    expect(await readFile(path, 'utf8')).toBe(first + second);
  }
});

test('a tail of zeros, as a power failure leaves it, is cut off', async () => {
  const journal = await reopened(`${lines.join('')}${'\0'.repeat(4096)}`);
  expect(journal.records).toEqual(three);
  expect(journal.cut).toEqual({ bytes: 4096, records: 1 });
});

test('any byte changed before a good record refuses the journal', async () => {
  const content = lines.join('');
  const middle = (lines[0] ?? '').length + (lines[1] ?? '').length;
  for (let at = 0; at < middle; at++) {
    const changed = `${content.slice(0, at)}${content[at] === 'f' ? 'e' : 'f'}${content.slice(at + 1)}`;
    await expect(reopened(changed), `byte ${at}`).rejects.toMatchObject({ code: 'LEDGER_DAMAGED' });
  }
});

test('a record that is left out or moved refuses the journal', async () => {
  const [first = '', second = '', last = ''] = lines;
  for (const content of [first + last, second + last, first + last + second]) {
    await expect(reopened(content)).rejects.toMatchObject({ code: 'LEDGER_DAMAGED' });
  }
});
