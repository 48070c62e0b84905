import type { PipelineCheck } from '../../../../src/protocol/pipeline-check.ts';
import type { AgentStatus } from '../../../../src/protocol/up-status.ts';
import { ask, Refused } from '../../data/ask.ts';

type Change = PipelineCheck['changes'][number];

const ATTESTED_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 300;

/** Makes the changes one after the other, as `muster pipeline apply` does. @throws Refused: what has been made stays. */
export async function applyPipeline(
  { changes, order, pipeline }: PipelineCheck,
  tell: (words: string) => void,
): Promise<void> {
  const all = changes.length + (order === null ? 0 : 1);
  let fresh: string[] = [];
  for (const [index, change] of changes.entries()) {
    // Whoever takes a role over has to be genuine before its holder goes.
    if (change.kind !== 'add' && fresh.length > 0) {
      tell(`${fresh.join(', ')} are being attested`);
      await untilAttested(fresh);
      fresh = [];
    }
    tell(`${index + 1} of ${all}: ${change.kind} ${change.name}`);
    await make(change, pipeline?.name ?? '');
    if (change.kind !== 'remove') fresh.push(change.name);
  }
  if (order === null) return;
  tell(`${all} of ${all}: the order of rounds`);
  await ask('/v1/pipeline/order', { method: 'POST', body: { order } });
}

async function make(change: Change, pipeline: string): Promise<void> {
  const path = `/v1/agents/${encodeURIComponent(change.name)}`;
  switch (change.kind) {
    case 'add': {
      const { name, host, capabilities } = change;
      await ask('/v1/agents', { method: 'POST', body: { name, host, capabilities, pipeline } });
      return;
    }
    case 'move': {
      const { host, capabilities } = change;
      await ask(`${path}/move`, { method: 'POST', body: { host, capabilities } });
      return;
    }
    case 'remove':
      await ask(path, { method: 'DELETE' });
      return;
    default:
      change satisfies never;
  }
}

async function untilAttested(names: readonly string[]): Promise<void> {
  const untilMs = Date.now() + ATTESTED_WITHIN_MS;
  for (;;) {
    const agents = await ask<readonly AgentStatus[]>('/v1/agents');
    const isWell = (name: string) =>
      agents.some((each) => each.name === name && each.status === 'attested' && each.keyed);
    const open = names.find((name) => !isWell(name));
    if (open === undefined) return;
    if (Date.now() > untilMs) {
      throw new Refused(409, `${open} has not been attested in time`, 'The agents view tells what is amiss.');
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
