import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readLedger } from '../../src/adapters/ledger-rpc/read-ledger.ts';
import { CheckpointSchema } from '../../src/protocol/checkpoint.ts';
import type { LedgerEvent } from '../../src/protocol/ledger.ts';
import { withKeptLedger } from '../../src/runtime/ledger/kept-ledger.ts';
import { readPipelineFile } from '../../src/runtime/ledger/open-ledger.ts';
import { readAnchors } from '../../src/runtime/run-files.ts';

const bin = fileURLToPath(new URL('../../bin/muster', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'muster-verify-run-'));
const run = join(home, 'run');
const SCENARIO = `
name: small
title: A small network
description: Three agents behind three guards.
durationMs: 9000
topology:
  switches: [s1, s2, s3]
  trunks:
    - { from: s1, to: s3 }
    - { from: s2, to: s3 }
  hosts:
    - { name: h1, switch: s1, site: west, cpu: 4, memoryGb: 4 }
    - { name: h2, switch: s2, site: east, cpu: 4, memoryGb: 4 }
    - { name: h3, switch: s3, site: core, cpu: 8, memoryGb: 8, capacityBytesPerSec: 600000, queueBytes: 32768 }
  accessPoints:
    - { name: sap1, switch: s1 }
functions:
  - { name: apache, kind: web-server, cpu: 8, memoryGb: 8 }
  - { name: link-monitor, kind: link-monitor, cpu: 1, memoryGb: 1, watch: apache }
users:
  - { name: pages, behaviour: page, count: 2, at: [sap1], target: apache }
`;

const ReportSchema = z.object({
  checks: z.array(z.object({ check: z.string(), examined: z.number(), findings: z.number() })),
  findings: z.array(z.object({ check: z.string(), at: z.string(), what: z.string() })),
});

/** Runs a command as a process of its own: what is verified is not in this one. */
function muster(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, MUSTER_HOME: home };
    execFile(bin, args, { env, maxBuffer: 1 << 24, timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
    });
  });
}

/** `ledger verify` of the run: its exit code, and the checks that found something. */
async function verify(
  ...flags: string[]
): Promise<{ code: number; found: readonly string[]; stderr: string }> {
  const { code, stdout, stderr } = await muster('ledger', 'verify', run, '-o', 'json', ...flags);
  const report = ReportSchema.safeParse(code === 0 || code === 3 ? JSON.parse(stdout) : undefined);
  return { code, found: [...new Set(report.data?.findings.map((each) => each.check))], stderr };
}

/** Children of a process by pid. */
function childrenOf(parent: number): readonly { pid: number; command: string }[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) !== parent) return [];
      return [{ pid: Number(name), command: readFileSync(`/proc/${name}/cmdline`, 'utf8') }];
    } catch {
      return [];
    }
  });
}

function descendants(parent: number): readonly { pid: number; command: string; parent: number }[] {
  return childrenOf(parent).flatMap((each) => [{ ...each, parent }, ...descendants(each.pid)]);
}

/** A real run, in whose middle one of its agents is killed: so that there is a revocation on its ledger. */
async function recordRun(): Promise<void> {
  const scenario = join(home, 'small.yaml');
  writeFileSync(scenario, SCENARIO);
  const args = ['scenario', 'run', scenario, '--genuine', '--plane', 'twin', '--out', run];
  const child = spawn(bin, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  let killed = false;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (killed || child.pid === undefined || !said.includes('time 0')) return;
    killed = true;
    const all = descendants(child.pid);
    const guards = all.filter((each) => /\/guard[^/]*\.mjs/.test(each.command)).map((each) => each.pid);
    const agent = all.find((each) => guards.includes(each.parent) && !guards.includes(each.pid));
    if (agent !== undefined) process.kill(agent.pid, 'SIGKILL');
  });
  const stop = setTimeout(() => child.kill('SIGTERM'), 100_000);
  const [code] = await once(child, 'exit');
  clearTimeout(stop);
  expect(code, said).toBe(0);
  expect(killed).toBe(true);
}

const AskedSchema = z.array(z.object({ id: z.number(), method: z.string() }));
const AnswersSchema = z.array(z.looseObject({ id: z.number() }));

type Lie = (method: string, result: string) => string;

/** The run's ledger, read through somebody who changes answers (JSON text) on their way. */
async function verifyThrough(lie: Lie): Promise<{ code: number; found: readonly string[] }> {
  const { chainId } = await readPipelineFile(join(run, 'pipeline.json'));
  return withKeptLedger(run, chainId, async (url) => {
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const part of request) body += String(part);
      const headers = { 'content-type': 'application/json' };
      const answer: unknown = await (await fetch(url, { method: 'POST', headers, body })).json();
      // The client puts several requests into one message.
      const methods = new Map(
        AskedSchema.parse([JSON.parse(body)].flat()).map((each) => [each.id, each.method]),
      );
      const answers = AnswersSchema.parse([answer].flat()).map((each): unknown =>
        JSON.parse(lie(methods.get(each.id) ?? '', JSON.stringify(each))),
      );
      response.writeHead(200, headers).end(JSON.stringify(Array.isArray(answer) ? answers : answers[0]));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const { port } = server.address() as AddressInfo;
      return await verify('--url', `http://127.0.0.1:${port}`);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
}

let events: readonly LedgerEvent[] = [];
const eventOf = <K extends LedgerEvent['kind']>(kind: K) => {
  const found = events.findLast((each): each is Extract<LedgerEvent, { kind: K }> => each.kind === kind);
  if (found === undefined) throw new Error(`there is no ${kind} on the ledger`);
  return found;
};
const checkpoint = () =>
  CheckpointSchema.parse(JSON.parse(readFileSync(join(run, 'checkpoint.json'), 'utf8')));
const inReceipts =
  (change: (text: string) => string): Lie =>
  (method, result) =>
    method === 'eth_getTransactionReceipt' ? change(result) : result;

beforeAll(async () => {
  await recordRun();
  const pipeline = await readPipelineFile(join(run, 'pipeline.json'));
  const blocks = await withKeptLedger(run, pipeline.chainId, (url) => readLedger({ url, pipeline }));
  events = blocks.flatMap((block) => block.entries.map((each) => each.event));
}, 180_000);

afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('the ledger of a run that has ended', () => {
  test('stands, co-signed by more than half of its guards, with the whole journal under it', async () => {
    const { operator, signers, signatures, threshold } = checkpoint();
    expect([signers.length, threshold, signatures.length >= 2]).toEqual([3, 2, true]);
    const { code, stdout, stderr } = await muster(
      'ledger',
      'verify',
      run,
      '--operator',
      operator,
      '-o',
      'json',
    );
    expect(code, stderr).toBe(0);
    const { checks } = ReportSchema.parse(JSON.parse(stdout));
    // Mutual rounds begin only after 20 s.
    const idle = checks.filter((each) => each.examined === 0).map((each) => each.check);
    expect(idle.filter((each) => each !== 'verifiers')).toEqual([]);
    const lines = readFileSync(join(run, 'journal.jsonl'), 'utf8').split('\n').length - 1;
    expect(checks.find((each) => each.check === 'journal')?.examined).toBe(lines);
    expect((await readAnchors(run)).length).toBeGreaterThan(1);
    expect((await verify('--operator', `0x${'1'.repeat(40)}`)).found).toContain('checkpoint');
  }, 180_000);

  test('a changed verdict is found', async () => {
    const { answer } = eventOf('VerdictGiven');
    const [yes, no] = ['1'.padStart(64, '0'), '0'.repeat(64)];
    const from = `${answer.slice(2)}${yes}${yes}`;
    const { code, found } = await verifyThrough(
      inReceipts((text) => text.replace(from, `${answer.slice(2)}${yes}${no}`)),
    );
    expect([code, found.toSorted()]).toEqual([3, expect.arrayContaining(['blocks', 'verdicts'])]);
  }, 180_000);

  test('a removed revocation is found', async () => {
    const reason = Buffer.from(eventOf('Revoked').reason).toString('hex').slice(0, 64);
    const Receipt = z.object({ result: z.object({ logs: z.array(z.unknown()) }).loose() }).loose();
    const without = (text: string): string => {
      const receipt = Receipt.parse(JSON.parse(text));
      return JSON.stringify({ ...receipt, result: { ...receipt.result, logs: [] } });
    };
    const lie = inReceipts((text) => (text.includes(reason) ? without(text) : text));
    const { code, found } = await verifyThrough(lie);
    expect([code, found]).toEqual([3, expect.arrayContaining(['blocks', 'revocations'])]);
  }, 180_000);

  test('a changed key in the evidence is found', async () => {
    const { kemKey } = eventOf('Committed').evidence;
    const { code, found } = await verifyThrough(
      inReceipts((text) => text.replaceAll(kemKey.slice(2), '99'.repeat(32))),
    );
    expect([code, found]).toEqual([3, expect.arrayContaining(['blocks', 'evidence', 'bindings'])]);
  }, 180_000);

  test('a rewritten block hash is found', async () => {
    const { hash } = checkpoint();
    const lie: Lie = (_method, result) => result.replaceAll(hash, `0x${'de'.repeat(32)}`);
    const { code, found } = await verifyThrough(lie);
    expect([code, found]).toEqual([3, ['blocks']]);
  }, 180_000);

  test('a checkpoint with too few signatures is found', async () => {
    const honest = readFileSync(join(run, 'checkpoint.json'), 'utf8');
    try {
      const one = { ...checkpoint(), signatures: checkpoint().signatures.slice(0, 1) };
      writeFileSync(join(run, 'checkpoint.json'), JSON.stringify(one));
      const { code, found } = await verify();
      expect([code, found]).toEqual([3, ['checkpoint']]);
    } finally {
      writeFileSync(join(run, 'checkpoint.json'), honest);
    }
  }, 180_000);

  test('a journal with an entry changed or left out is found, and which', async () => {
    const file = join(run, 'journal.jsonl');
    const honest = readFileSync(file, 'utf8');
    const lines = honest.split('\n');
    const middle = Math.floor(lines.length / 2);
    try {
      const changed = lines.map((line, index) =>
        index === middle ? line.replace('"reason":"', '"reason":"not ') : line,
      );
      for (const forged of [changed, lines.toSpliced(middle, 1)]) {
        writeFileSync(file, forged.join('\n'));
        const { code, found } = await verify();
        expect([code, found]).toEqual([3, ['journal']]);
      }
    } finally {
      writeFileSync(file, honest);
    }
  }, 180_000);

  test('a ledger whose own journal was changed does not start', async () => {
    const file = join(run, 'ledger.journal');
    const honest = readFileSync(file);
    try {
      const forged = Buffer.from(honest);
      const at = Math.floor(forged.length / 2);
      forged[at] = (forged[at] ?? 0) ^ 1;
      writeFileSync(file, forged);
      expect((await verify()).code).toBe(1);
    } finally {
      writeFileSync(file, honest);
    }
  }, 180_000);
});
