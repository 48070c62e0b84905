import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { MusterError } from '../../../protocol/errors.ts';
import type { ServiceControlView } from '../../../protocol/service-control.ts';
import { askUp } from '../../ask-up.ts';
import { interruptible } from '../../interruptible.ts';
import { note } from '../../printer.ts';
import { runningUp } from '../../running-up.ts';
import type { ServiceClient } from '../../service-client.ts';
import { wholeNumber } from '../../whole-number.ts';
import { groupOf } from '../pipeline/pipelines-of-up.ts';
import type { WaitFlags } from './await-operation.ts';

const LOOK_EVERY_MS = 300;

/**
 * Waits until the control agents of a service are attested, or it is known what lacks: that is a warning, since the service runs.
 * @throws UNSATISFIED when the time is over.
 */
export async function controlled(client: ServiceClient, name: string, flags: WaitFlags): Promise<void> {
  const { id } = await client.get(name);
  let said = '';
  await until(`the control agents of ${name} are attested`, flags, async () => {
    const { state, lacks, agents } = await client.control(id);
    const trusted = agents.filter(({ attested, keyed }) => attested && keyed).length;
    const progress = `${name}: control agents ${state}, ${trusted} of ${agents.length} attested`;
    if (progress !== said) note(progress);
    said = progress;
    if (state === 'lacking') for (const { reason, mend } of lacks) note(`warning: ${reason}\n  = ${mend}`);
    return state === 'up' || state === 'lacking';
  });
}

/** Waits until no agent of a service is left, nor any of these that it had. @throws UNSATISFIED when the time is over. */
export async function uncontrolled(
  name: string,
  had: ServiceControlView['agents'],
  flags: WaitFlags,
): Promise<void> {
  const up = runningUp();
  await until(`the control agents of ${name} are gone`, flags, async () => {
    // It is out of the group before the ledger has it so.
    const { agents } = await groupOf(up);
    const known = AgentsSchema.parse(await askUp(up, 'GET', '/v1/agents'));
    return (
      agents.every(({ service }) => service !== name) &&
      !had.some((agent) => known.some((each) => each.name === agent.name))
    );
  });
}

const AgentsSchema = z.array(z.looseObject({ name: z.string() }));

function until(what: string, { timeout }: WaitFlags, holds: () => Promise<boolean>): Promise<void> {
  const withinS = wholeNumber('timeout', timeout, 86_400);
  const untilMs = Date.now() + withinS * 1000;
  const goesOn = { hint: 'it goes on: muster status, muster agent list' };
  return interruptible(async (interrupted) => {
    while (!(await holds())) {
      if (interrupted()) throw new MusterError('INTERRUPTED', `not waited for: ${what}`, goesOn);
      if (Date.now() > untilMs)
        throw new MusterError('UNSATISFIED', `not within ${withinS} s: ${what}`, goesOn);
      await pause(LOOK_EVERY_MS);
    }
  });
}
