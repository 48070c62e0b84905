import { fitsMessage } from '../../protocol/acl.ts';
import type { AgentEvent } from './event.ts';

/**
 * Whether a value is an event that an agent can take: of a known kind, with the fields that the engine reads. The contents of
 * messages are bounded here, whoever hands them over; values of percepts and results are for the agent's own parsers.
 */
export function isAgentEvent(value: unknown): value is AgentEvent {
  if (!isObject(value)) return false;
  switch (value['kind']) {
    case 'percept':
      return isText(value['topic']) && isText(value['subject']);
    case 'message':
      return isMessage(value['message']);
    case 'result':
      return typeof value['token'] === 'number' && isObject(value['outcome']);
    case 'goal':
      return (
        isText(value['goal']) &&
        isObject(value['args']) &&
        isText(value['from']) &&
        (value['priority'] === undefined || Number.isFinite(value['priority']))
      );
    case 'drop-goal':
      return isText(value['key']) && isText(value['from']);
    default:
      return false;
  }
}

function isMessage(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value['performative']) &&
    isText(value['sender']) &&
    isText(value['receiver']) &&
    isText(value['conversationId']) &&
    isText(value['messageId']) &&
    fitsMessage(value['content'])
  );
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
