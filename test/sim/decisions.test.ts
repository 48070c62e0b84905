import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { agentKeyOf, hashing } from '../../src/adapters/keys/hashing.ts';
import { beforeSegment, whyNotBehind } from '../../src/core/attestation/decision-chain.ts';
import { ZERO } from '../../src/protocol/ledger.ts';
import { agentBuilder, agentSpecs } from '../../src/runtime/build-agent.ts';
import { DecisionLog } from '../../src/runtime/decisions/decision-log.ts';
import { initialState, whyNotSo } from '../../src/runtime/decisions/re-execute.ts';
import { readInputs } from '../../src/runtime/run-files.ts';
import { runScenario } from '../../src/runtime/run-scenario.ts';
import { readScenario } from '../../src/runtime/scenario/load-scenario.ts';

/** An agent's clock between two rounds, ms. */
const ROUND_MS = 20_000;

test('every decision of every agent in a whole attack is the same when it is executed again', async () => {
  const outDir = await mkdtemp(join(tmpdir(), 'muster-decisions-'));
  const text = await readFile(new URL('../../scenarios/demo.yaml', import.meta.url), 'utf8');
  const loaded = readScenario(text, 'demo.yaml');
  if (!loaded.ok) throw new Error('demo.yaml is not valid');
  const { scenario } = loaded;
  const { topology, functions } = scenario;
  await runScenario({ scenario, plane: 'twin', seed: 3, defence: 'on', outDir });
  const { values: inputs } = await readInputs(outDir);
  await rm(outDir, { recursive: true });
  const specs = agentSpecs(scenario);
  let executed = 0;
  for (const spec of specs) {
    const own = inputs.filter((each) => each.agent === spec.name);
    const startMs = own[0]?.tMs ?? 0;
    const { name } = spec;
    const fixed = { key: agentKeyOf(name), pipeline: 'p', collector: ZERO, zeroNs: '0', draws: 16 };
    const known = { agents: [...specs], hosts: topology.hosts, functions };
    const config = { name, incarnation: 3, startMs, ...fixed, ...known };
    const log = new DecisionLog({ pending: () => 0 });
    const sinkOf = () => ({ push: () => {} });
    const onNonce = (conversation: string, nonce: string) => log.nonce(conversation, nonce);
    const { agent } = agentBuilder(config, { startMs, sinkOf, secret: 's', onNonce, life: 3 })(spec);
    log.begin(agent);
    let settled = ZERO;
    let dueMs = startMs + ROUND_MS;
    const round = (): void => {
      const head = log.head();
      const chain = log.disclose(head);
      if (chain === undefined) throw new Error('it has stated that head');
      expect(whyNotBehind({ head, settled, initial: initialState(config) }, chain, hashing)).toBeUndefined();
      for (const [index, header] of chain.headers.entries()) {
        expect(
          whyNotSo(config, header, log.textOf(head, index) ?? '', beforeSegment(chain, index)),
        ).toBeUndefined();
        executed += header.decisions;
      }
      log.settle(head);
      settled = head;
    };
    for (const input of own) {
      for (const event of input.events) agent.post(event);
      log.decided(input, agent.cycle(input.tMs));
      if (input.tMs < dueMs) continue;
      round();
      dueMs += ROUND_MS;
    }
    round();
  }
  expect(executed).toBe(inputs.length);
  expect(executed).toBeGreaterThan(1000);
}, 120_000);
