import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { MusterError } from '../protocol/errors.ts';
import type { UpFile } from '../runtime/up/up-file.ts';
import { readUpFile } from '../runtime/up/up-file.ts';
import { askUp } from './ask-up.ts';

const ATTESTED_WITHIN_MS = 60_000;

/** What is up here. @throws NOT_FOUND when nothing is. */
export function runningUp(): UpFile {
  const up = readUpFile();
  if (up === undefined) throw new MusterError('NOT_FOUND', 'nothing is up', { hint: 'muster up' });
  return up;
}

const AgentsSchema = z.array(z.looseObject({ name: z.string(), status: z.string(), keyed: z.boolean() }));

/** Resolves once these agents are attested and hold the group key. @throws ATTESTATION_REFUSED when they are not in time. */
export async function untilAttested(up: UpFile, names: readonly string[]): Promise<void> {
  const untilMs = Date.now() + ATTESTED_WITHIN_MS;
  for (;;) {
    const agents = AgentsSchema.parse(await askUp(up, 'GET', '/v1/agents'));
    const open = names
      .map((name) => ({ name, agent: agents.find((each) => each.name === name) }))
      .find(({ agent }) => agent?.status !== 'attested' || !agent.keyed);
    if (open === undefined) return;
    if (Date.now() > untilMs) {
      const { name, agent } = open;
      throw new MusterError('ATTESTATION_REFUSED', `${name} is not attested: ${agent?.status ?? 'gone'}`, {
        hint: 'muster status, muster ledger list',
      });
    }
    await pause(200);
  }
}
