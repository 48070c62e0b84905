import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { EMPTY_REGISTER } from '../../core/attestation/output-register.ts';
import type { OutputsWanted } from '../../protocol/decision-disclosure.ts';
import { hex32 } from '../trust/testing/fake-ledger.ts';
import { OutputsDesk } from './ask-outputs.ts';

const asked = { at: 'west', agent: hex32(1), incarnation: 2, head: hex32(3) };
const register = { outputs: 4, digest: hex32(5) };
let sent: OutputsWanted[];
let desk: OutputsDesk;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  desk = new OutputsDesk({ from: 'east', send: (wanted) => sent.push(wanted) });
});
afterEach(() => vi.useRealTimers());

const answer = (wanted: OutputsWanted | undefined, said = register) =>
  desk.take({ kind: 'outputs', to: 'east', request: wanted?.request ?? hex32(0), register: said });

it('asks the daemon of the site until it knows, and then no more', async () => {
  const came = desk.ask(asked, 5000);
  await vi.advanceTimersByTimeAsync(1000);
  expect(sent.length).toBeGreaterThan(2);
  expect(new Set(sent.map((each) => JSON.stringify(each))).size).toBe(1);
  expect(sent[0]).toMatchObject({ kind: 'outputs-wanted', from: 'east', ...asked });
  answer(sent[0]);
  expect(await came).toEqual(register);
  const times = sent.length;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(sent).toHaveLength(times);
});

it('takes the answer to its own question, and the first of them', async () => {
  const [one, two] = [desk.ask(asked, 5000), desk.ask({ ...asked, agent: hex32(9) }, 5000)];
  answer(sent[1], EMPTY_REGISTER);
  answer(undefined);
  answer(sent[0]);
  answer(sent[0], EMPTY_REGISTER);
  expect([await one, await two]).toEqual([register, EMPTY_REGISTER]);
});

it('gives up in time', async () => {
  const came = desk.ask(asked, 1000);
  await vi.advanceTimersByTimeAsync(1000);
  expect(await came).toBeUndefined();
  answer(sent[0]);
  expect(vi.getTimerCount()).toBe(0);
});
