import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentKeyOf, hashing } from '../../src/adapters/keys/hashing.ts';
import { newKemKey } from '../../src/adapters/keys/kem-key.ts';
import { sampledSegments } from '../../src/core/attestation/decision-chain.ts';
import type { AgentConfig } from '../../src/protocol/agent-control.ts';
import type { Hex } from '../../src/protocol/ledger.ts';
import { ZERO } from '../../src/protocol/ledger.ts';
import type { AgentSpec, Scenario } from '../../src/protocol/scenario.ts';
import type { CycleInput } from '../../src/runtime/agent-host.ts';
import { agentBuilder, agentSpecs } from '../../src/runtime/build-agent.ts';
import { DecisionLog } from '../../src/runtime/decisions/decision-log.ts';
import { disclose, disclosureContext } from '../../src/runtime/decisions/disclose.ts';
import { ReExecutor } from '../../src/runtime/decisions/re-executor.ts';
import { sha256 } from '../../src/runtime/guard/expected.ts';
import { bundleAgent } from '../../src/runtime/image/bundle-agent.ts';
import { readInputs } from '../../src/runtime/run-files.ts';
import { runScenario } from '../../src/runtime/run-scenario.ts';
import { readScenario } from '../../src/runtime/scenario/load-scenario.ts';
import type { Findings } from './figure.ts';
import { Figures } from './figure.ts';

const DRAWS = 16;
/** Between two rounds of an agent, ms of its clock. */
const ROUND_MS = 20_000;
const TURNS = 5;
const TICKS_PER_SEC = 100;

/** What the chain of decisions costs an agent, and its verifier, over the decisions of a whole scenario. */
export async function reExecutionCost(): Promise<Findings> {
  const figures = new Figures();
  const dir = mkdtempSync(join(tmpdir(), 'muster-bench-'));
  const executor = new ReExecutor();
  try {
    const { scenario, inputs } = await recorded(dir);
    const bytes = await bundleAgent(join(import.meta.dirname, '../../src/runtime/agent-process/main.ts'));
    const bundle = { bytes, sha256: sha256(bytes) };
    const specs = agentSpecs(scenario);
    for (let turn = 0; turn < TURNS; turn++) {
      let [off, on, seconds, decisions] = [0, 0, 0, 0];
      for (const spec of specs) {
        const own = inputs.filter((each) => each.agent === spec.name);
        const config = configOf(scenario, specs, spec, own[0]?.tMs ?? 0);
        off += drive(config, spec, own, undefined);
        const log = new DecisionLog({ pending: () => 0 });
        const rounds: Hex[] = [];
        const took = drive(config, spec, own, log, rounds);
        on += took;
        decisions += own.length;
        seconds += ((own.at(-1)?.tMs ?? 0) - (own[0]?.tMs ?? 0)) / 1000;
        await judge(figures, executor, bundle, config, log, rounds.at(-1) ?? ZERO);
      }
      if (turn === 0) continue;
      figures.add('an agent without a log: processor time', 'ms per s', off / seconds);
      figures.add('an agent with its log: processor time', 'ms per s', on / seconds);
      figures.add('of it: the log, per decision', 'us', (1000 * (on - off)) / decisions);
    }
    const pid = executor.pids[0] ?? 0;
    const samples = figures.samples('a round: disclosed, carried into the process, executed again').length;
    figures.add(
      'processor time of the verifying process, per round, its start included',
      'ms',
      cpuMs(pid) / (samples + 1),
    );
    figures.add('memory of the verifying process', 'MiB', residentMb(pid));
    figures.note(
      `demo.yaml, ${inputs.length} decisions of ${specs.length} agents; ${DRAWS} decisions drawn a round`,
    );
    figures.note('rounds: all that an agent decided in the whole scenario at once, beyond what 20 s hold');
    return figures.findings();
  } finally {
    executor.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function recorded(dir: string): Promise<{ scenario: Scenario; inputs: readonly CycleInput[] }> {
  const text = readFileSync(new URL('../../scenarios/demo.yaml', import.meta.url), 'utf8');
  const loaded = readScenario(text, 'demo.yaml');
  if (!loaded.ok) throw new Error('demo.yaml is not valid');
  const { scenario } = loaded;
  const outDir = join(dir, 'run');
  await runScenario({ scenario, plane: 'twin', seed: 3, defence: 'on', outDir });
  return { scenario, inputs: (await readInputs(outDir)).values };
}

function configOf(
  { topology, functions }: Scenario,
  specs: readonly AgentSpec[],
  { name }: AgentSpec,
  startMs: number,
): AgentConfig {
  const key = agentKeyOf(name);
  const rest = { incarnation: 1, pipeline: 'bench', collector: ZERO, zeroNs: '0', draws: DRAWS };
  return { name, key, startMs, ...rest, agents: [...specs], hosts: topology.hosts, functions };
}

/** Gives an agent its inputs; answers the processor time, ms. With a log: a head every 20 s, as rounds ask for it. */
function drive(
  config: AgentConfig,
  spec: AgentSpec,
  inputs: readonly CycleInput[],
  log: DecisionLog | undefined,
  rounds: Hex[] = [],
): number {
  const sinkOf = () => ({ push: () => {} });
  const onNonce = (conversation: string, nonce: string) => log?.nonce(conversation, nonce);
  const { startMs, incarnation: life } = config;
  const { agent } = agentBuilder(config, { startMs, sinkOf, secret: '', onNonce, life })(spec);
  const before = process.cpuUsage();
  log?.begin(agent);
  let dueMs = startMs + ROUND_MS;
  for (const input of inputs) {
    for (const event of input.events) agent.post(event);
    const effects = agent.cycle(input.tMs);
    log?.decided(input, effects);
    if (log !== undefined && input.tMs >= dueMs) {
      rounds.push(log.head());
      dueMs += ROUND_MS;
    }
  }
  if (log !== undefined) rounds.push(log.head());
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

async function judge(
  figures: Figures,
  executor: ReExecutor,
  bundle: { readonly bytes: Uint8Array; readonly sha256: string },
  config: AgentConfig,
  log: DecisionLog,
  head: Hex,
): Promise<void> {
  const seed = head;
  const kemKey = await newKemKey();
  const beganMs = performance.now();
  const parts = (await disclose(log, { head, seed, kemKey: kemKey.publicKey }, DRAWS)) ?? [];
  const sealed = new Uint8Array(Buffer.from(parts.join(''), 'base64'));
  const packed = (await kemKey.open(sealed, disclosureContext(head, seed))) ?? new Uint8Array();
  const disclosedMs = performance.now();
  const cold = executor.pids[0] === undefined;
  const findings = await executor.appraise(bundle, { config, head, settled: ZERO, seed }, packed);
  const endedMs = performance.now();
  if (findings.reason !== undefined)
    figures.note(`REFUSED an honest agent: ${config.name}: ${findings.reason}`);
  const headers = log.disclose(head)?.headers ?? [];
  if (cold) figures.add('the first round, with the start of the process', 'ms', endedMs - beganMs);
  else figures.add('a round: disclosed, carried into the process, executed again', 'ms', endedMs - beganMs);
  figures.add('of it: drawn, packed, sealed, opened', 'ms', disclosedMs - beganMs);
  figures.add('decisions executed again in a round', 'decisions', findings.executed);
  figures.add(
    'segments of a round that were drawn',
    'segments',
    sampledSegments(seed, headers, DRAWS, hashing).length,
  );
  figures.add('a sealed disclosure', 'kB', sealed.length / 1000);
}

function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (1000 * (Number(fields[11]) + Number(fields[12]))) / TICKS_PER_SEC;
}

function residentMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}
