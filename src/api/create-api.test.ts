import { afterEach, describe, expect, it } from 'vitest';
import type { Hex } from '../protocol/ledger.ts';
import type { RunRecord } from '../protocol/run-record.ts';
import { RunRecordSchema } from '../protocol/run-record.ts';
import type { Status } from '../protocol/up-status.ts';
import { smallScenario } from '../runtime/report/testing/small-recording.ts';
import type { ApiOptions } from './create-api.ts';
import { createApi } from './create-api.ts';
import { NO_UPGRADE } from './testing/no-upgrade.ts';

const TOKEN = 'a-token';
const word = (digits: string): Hex => `0x${digits.repeat(32)}`;
const account = (digits: string): Hex => `0x${digits.repeat(20)}`;

const status: Status = {
  scenario: 'demo',
  plane: 'twin',
  ready: true,
  upForS: 3,
  ledger: null,
  epoch: 4,
  setVersion: 8,
  rootOfTrust: 'a1',
  processes: {},
  agents: [],
  services: null,
  alarms: [],
  alarmCauses: [],
  journal: {
    life: 'one',
    entries: 0,
    firstSeq: 1,
    dropped: 0,
    sinceMs: null,
    mostEntries: 10,
    mostAgeMs: 1000,
  },
};

const record: RunRecord = {
  url: 'http://127.0.0.1:8545',
  pipeline: {
    chainId: 31337,
    genesisHash: word('01'),
    attestation: account('02'),
    keys: account('03'),
    fromBlock: 1,
  },
  operator: account('04'),
  checkpoint: null,
  batches: [
    { root: word('05'), block: 12, transaction: word('06'), entries: [{ id: 'muster:1', leaf: word('07') }] },
  ],
  lines: ['{"id":"muster:1"}', '{"id":"muster:2"}'],
};

const group = {
  name: 'demo',
  verifiersPerRound: 1,
  imageSha256: null,
  room: 1,
  hosts: [],
  agents: [],
  order: [],
};

let close: () => Promise<void> = async () => {};
afterEach(() => close());

/** Asks an API over a supervisor that says that; answers the status and what came, as JSON. */
async function ask(path: string, said: Partial<ApiOptions['supervisor']>, token = TOKEN) {
  const supervisor: ApiOptions['supervisor'] = {
    status: () => status,
    record: () => undefined,
    appraisal: () => undefined,
    entriesAfter: () => [],
    listen: () => () => {},
    change: async () => {},
    block: async () => [],
    unblock: async () => {},
    blocks: async () => [],
    group: () => group,
    network: () => ({ scenario: smallScenario(), substrate: null, addresses: {} }),
    counters: async () => ({ tMs: 0, links: [], units: [] }),
    orderRounds: async () => {},
    upgrade: () => NO_UPGRADE,
    planUpgrade: () => NO_UPGRADE,
    upgradeTo: async () => NO_UPGRADE,
    startAgent: () => false,
    recordRequest: () => {},
    ...said,
  };
  const api = createApi({ supervisor, token: TOKEN, onStop: () => {} });
  close = () => api.close();
  const answer = await api.inject({ url: path, headers: { authorization: `Bearer ${token}` } });
  const json: unknown = answer.json();
  return { code: answer.statusCode, json };
}

describe('the record of what is up', () => {
  it('is what a verifier elsewhere reads: ledger, operator, checkpoint, anchored entries as they were written', async () => {
    const { code, json } = await ask('/v1/record', { record: () => record });
    expect(code).toBe(200);
    expect(RunRecordSchema.parse(json)).toEqual(record);
  });

  it('is not there before the ledger is, and for nobody without the token', async () => {
    expect(await ask('/v1/record', {})).toMatchObject({
      code: 503,
      json: { reason: 'there is no ledger yet' },
    });
    const refused = await ask('/v1/record', { record: () => record }, 'another');
    expect(refused).toMatchObject({ code: 401 });
    expect(JSON.stringify(refused.json)).not.toContain(record.url);
  });
});

describe('an appraisal', () => {
  const text = '{"pass":true,"round":3}';
  const appraisal = (hash: Hex) => (hash === word('aa') ? text : undefined);

  it('is told by the hash that its verdict carries', async () => {
    expect(await ask(`/v1/appraisals/${word('aa')}`, { appraisal })).toEqual({ code: 200, json: { text } });
  });

  it('that is not known, or is asked for by what is no hash, is not found', async () => {
    for (const asked of [word('ab'), 'x', '0xaa', '..%2Fstatus'])
      expect(await ask(`/v1/appraisals/${asked}`, { appraisal })).toMatchObject({ code: 404 });
  });
});
