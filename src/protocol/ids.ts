import { z } from 'zod';

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and hyphens, at most 63');

/** Name of an agent, unique in a pipeline, e.g. `a3`. */
export const AgentIdSchema = name.brand<'AgentId'>();
export type AgentId = z.infer<typeof AgentIdSchema>;

/** Name of a switch, host or access point of the topology, e.g. `s4`. */
export const NodeNameSchema = name.brand<'NodeName'>();
export type NodeName = z.infer<typeof NodeNameSchema>;

const NETWORK_LINK = '[a-z0-9][a-z0-9-]{0,62}>[a-z0-9][a-z0-9-]{0,62}';
/** At most 72 characters, so that rules can be named after it. */
const SERVICE_LINK = '[A-Za-z0-9][A-Za-z0-9_.:-]{0,23}/[A-Za-z0-9_./-]{1,20}>[A-Za-z0-9_./-]{1,26}';

/**
 * A link in one direction: `from>to`, e.g. `s4>h1` is what s4 sends towards h1; of a service `SERVICE/VIRTUAL-LINK>UNIT`, e.g.
 * `shop/data>web/vm/0` is what goes to that unit from there.
 */
export const LinkIdSchema = z
  .string()
  .regex(new RegExp(`^(?:${NETWORK_LINK}|${SERVICE_LINK})$`), 'a directed link, from>to')
  .brand<'LinkId'>();
export type LinkId = z.infer<typeof LinkIdSchema>;

/** What stands for the service in the name of one of its links; undefined: a link of the network. */
export function serviceInLink(link: string): string | undefined {
  const at = link.indexOf('/');
  return at < 0 ? undefined : link.slice(0, at);
}

/** An IPv4 address in dotted form. */
export const Ipv4Schema = z.ipv4().brand<'Ipv4'>();
export type Ipv4 = z.infer<typeof Ipv4Schema>;

/** A rule on the data plane, chosen by the agent that asks for it: unique, at most 96 characters. */
export const RuleIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9:._>/-]{1,96}$/)
  .brand<'RuleId'>();
export type RuleId = z.infer<typeof RuleIdSchema>;

/** A standing award: the conversation-id of the auction that was won. */
export const AwardIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9:._>/-]{1,96}$/)
  .brand<'AwardId'>();
export type AwardId = z.infer<typeof AwardIdSchema>;

export const agentId = (text: string): AgentId => AgentIdSchema.parse(text);
export const nodeName = (text: string): NodeName => NodeNameSchema.parse(text);
export const linkId = (from: string, to: string): LinkId => LinkIdSchema.parse(`${from}>${to}`);
export const ipv4 = (text: string): Ipv4 => Ipv4Schema.parse(text);
export const ruleId = (text: string): RuleId => RuleIdSchema.parse(text);
export const awardId = (text: string): AwardId => AwardIdSchema.parse(text);
