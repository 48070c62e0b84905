import { z } from 'zod';
import { AgentIdSchema, NodeNameSchema } from './ids.ts';
import { CapabilityNameSchema } from './scenario.ts';
import { CONTROL } from './service-file.ts';

/** Of the API of `muster up`: the control agents of a service, as they are and as they are to be. */
export const ServiceControlSchema = z.strictObject({
  /** As the service file says. */
  control: z.enum(CONTROL),
  /** Name of its pipeline; null: there is none. */
  pipeline: z.string().nullable(),
  /**
   * `none`: it has no agents, and shall have none; `waiting`: for the service, which is not there yet or is being changed; `changing`: agents
   * come, move or go; `attesting`: all are there, and not all are attested yet; `up`: all is as it is to be; `lacking`: it is not, see `lacks`.
   */
  state: z.enum(['none', 'waiting', 'changing', 'attesting', 'up', 'lacking']),
  /** What stands in the way, and what to do about it. */
  lacks: z.array(z.strictObject({ reason: z.string(), mend: z.string() })),
  /** Agents of its pipeline that are there. */
  agents: z.array(
    z.strictObject({
      name: AgentIdSchema,
      site: NodeNameSchema,
      host: NodeNameSchema,
      capabilities: z.array(CapabilityNameSchema),
      attested: z.boolean(),
      keyed: z.boolean(),
    }),
  ),
});
export type ServiceControlView = z.infer<typeof ServiceControlSchema>;
export type Lack = ServiceControlView['lacks'][number];
