import { z } from 'zod';
import { AgentIdSchema } from './ids.ts';
import { JsonSchema } from './json.ts';

export const PERFORMATIVES = [
  'cfp',
  'propose',
  'refuse',
  'accept-proposal',
  'reject-proposal',
  'inform',
  'failure',
  'not-understood',
  'cancel',
  'request',
  'agree',
  'confirm',
  'query-ref',
] as const;
/** The communicative acts of FIPA SC00037J that Muster uses. */
export const PerformativeSchema = z.enum(PERFORMATIVES);
export type Performative = z.infer<typeof PerformativeSchema>;

export const PROTOCOLS = [
  'fipa-contract-net',
  'fipa-iterated-contract-net',
  'fipa-request',
  'muster-lease',
  'muster-tell',
] as const;

/** Largest message, as JSON, in characters. */
export const MAX_MESSAGE_CHARS = 65_536;
/** Deepest nesting of a message's content. */
export const MAX_CONTENT_DEPTH = 12;

const text = z.string().min(1).max(160);

/**
 * The FIPA ACL envelope (SC00061G). One receiver a message: a multicast is as many messages, so that none is lost on the
 * way to all but the last. Times in ms of the pipeline's clock.
 */
export const AclMessageSchema = z.strictObject({
  performative: PerformativeSchema,
  sender: AgentIdSchema,
  receiver: AgentIdSchema,
  conversationId: text,
  /** `<agent>:<n>`: also the journal entry of the sender, so that `why` can go from one agent to another. */
  messageId: text,
  inReplyTo: text.optional(),
  replyByMs: z.number().optional(),
  protocol: z.enum(PROTOCOLS),
  ontology: z.literal('muster'),
  content: JsonSchema,
});
export type AclMessage = z.infer<typeof AclMessageSchema>;

/** A message before its sender has given it an id. */
export type MessageDraft = Omit<AclMessage, 'messageId' | 'sender' | 'ontology'>;

/** Reads a message that came from outside: bounds first, then the schema. */
export function parseAclMessage(
  input: unknown,
): { readonly ok: true; readonly value: AclMessage } | { readonly ok: false; readonly error: string } {
  if (!withinDepth(input, MAX_CONTENT_DEPTH + 1))
    return { ok: false, error: 'nested too deeply or not JSON' };
  let size: number;
  try {
    size = JSON.stringify(input)?.length ?? 0;
  } catch {
    return { ok: false, error: 'not JSON' };
  }
  if (size > MAX_MESSAGE_CHARS) return { ok: false, error: `longer than ${MAX_MESSAGE_CHARS} characters` };
  const parsed = AclMessageSchema.safeParse(input);
  if (parsed.success) return { ok: true, value: parsed.data };
  const issue = parsed.error.issues[0];
  return { ok: false, error: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}` };
}

/** What was found to fit last: a multicast is one content in many messages, one after the other, which nobody changes once it is sent. */
let lastFitting: object | undefined;

/** Whether a message's content is JSON within the bounds of a message: one walk that ends at the bound, as every message is asked. */
export function fitsMessage(content: unknown): boolean {
  if (content !== undefined && content === lastFitting) return true;
  const fits = charsLeft(content, MAX_CONTENT_DEPTH, MAX_MESSAGE_CHARS) >= 0;
  if (fits && typeof content === 'object' && content !== null) lastFitting = content;
  return fits;
}

/** The budget that is left after a value, which has at least as many characters as JSON; negative: too large, too deep or not JSON. */
function charsLeft(value: unknown, depth: number, budget: number): number {
  switch (typeof value) {
    case 'string':
      return budget - value.length - 2;
    case 'boolean':
    case 'undefined':
      return budget - 1;
    case 'number':
      return Number.isFinite(value) ? budget - 1 : -1;
    case 'object':
      break;
    default:
      return -1;
  }
  if (value === null) return budget - 1;
  if (depth === 0) return -1;
  let left = budget - 2;
  if (Array.isArray(value)) {
    for (const each of value) {
      if (left < 0) return -1;
      left = charsLeft(each, depth - 1, left);
    }
    return left;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return -1;
  for (const key in value) {
    if (left < 0) return -1;
    // A key of that object, as the loop gives it.
    left = charsLeft(value[key as keyof typeof value], depth - 1, left - key.length - 3);
  }
  return left;
}

function withinDepth(value: unknown, left: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (left === 0) return false;
  for (const each of Object.values(value)) if (!withinDepth(each, left - 1)) return false;
  return true;
}
