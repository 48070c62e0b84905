import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { LedgerLine } from '../../../core/ledger/ledger-lines.ts';
import { startTimeOf, writeUpFile } from '../../../runtime/up/up-file.ts';
import { appraisalOf } from './appraisal-of.ts';

const text = '{"decisions":9,"executed":9,"outputs":5,"pass":true,"round":3}';
const hash = `0x${createHash('sha256').update(text).digest('hex')}`;

/** What is up: answers that text for every hash but one. */
const server = createServer((request, response) => {
  const known = request.url !== `/v1/appraisals/0x${'00'.repeat(32)}`;
  response.writeHead(known ? 200 : 404, { 'content-type': 'application/json' });
  response.end(JSON.stringify(known ? { text } : { status: 404, detail: 'no appraisal' }));
});
let home: string;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'muster-test-'));
  vi.stubEnv('MUSTER_HOME', home);
  vi.stubEnv('MUSTER_LEDGER', undefined);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const api = `http://127.0.0.1:${port}`;
  const startTime = startTimeOf(process.pid) ?? 0;
  writeUpFile({ pid: process.pid, startTime, api, token: 't', scenario: 'demo', plane: 'twin' });
});

afterEach(async () => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const line = (event: string, appraisalHash: string): LedgerLine => ({
  id: '7.1',
  time: '',
  event,
  agent: 'a1',
  sentence: '',
  from: '',
  transaction: '',
  block: '',
  details: { appraisalHash },
});

it('what a verdict rests on is told in words', async () => {
  expect(await appraisalOf(line('VerdictGiven', hash), {})).toEqual({
    text,
    sentence:
      '9 of 9 decisions were executed again; the 5 commands and messages since its start are those it has decided.',
  });
});

it('a text that is not behind the hash on the ledger is not shown', async () => {
  expect(await appraisalOf(line('VerdictGiven', `0x${'11'.repeat(32)}`), {})).toBeUndefined();
});

it('of what nobody knows any more, another entry, or a ledger elsewhere there is none', async () => {
  expect(await appraisalOf(line('VerdictGiven', `0x${'00'.repeat(32)}`), {})).toBeUndefined();
  expect(await appraisalOf(line('RoundPassed', hash), {})).toBeUndefined();
  expect(await appraisalOf(line('VerdictGiven', hash), { url: 'http://127.0.0.1:1' })).toBeUndefined();
});
