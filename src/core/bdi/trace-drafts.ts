import type { AclMessage, MessageDraft } from '../../protocol/acl.ts';
import type { Json } from '../../protocol/journal.ts';
import type { Revision, Truth } from './belief.ts';
import type { Percept } from './event.ts';
import type { Goal, GoalOutcome } from './goal.ts';
import type { Intention } from './intention.ts';
import type { Action } from './plan.ts';
import type { EndStatus } from './pursue.ts';
import type { TraceDraft } from './trace.ts';

// How the entries that are written often are put into words when somebody reads them.

/** One plan that was looked at for a goal. */
export interface PlanRow {
  readonly plan: string;
  readonly applicable: boolean;
  readonly cost: number | null;
  readonly why: string;
}

export function measured(event: Percept): TraceDraft {
  const { topic, subject, value } = event;
  return {
    kind: 'measurement',
    subject: `${topic}(${subject})`,
    values: { value },
    reason: `${topic} of ${subject}`,
  };
}

export function beliefChanged(revision: Revision, was: Truth, source: string): TraceDraft {
  const { type, subject, truth, value, reason } = revision;
  const belief = `${type.name}(${subject})`;
  return {
    kind: 'belief',
    belief,
    truth,
    was,
    ...(value === undefined ? {} : { value }),
    source,
    reason,
  };
}

export function goalGenerated(goal: string, id: number, priority: number, reason: string): TraceDraft {
  return { kind: 'goal', goal, goalId: `g${id}`, status: 'generated', priority, reason };
}

export function goalEnded(
  goal: Pick<Goal, 'key' | 'id' | 'priority'>,
  status: EndStatus,
  reason: string,
): TraceDraft {
  return { kind: 'goal', goal: goal.key, goalId: `g${goal.id}`, status, priority: goal.priority, reason };
}

export function onlyPlanChosen(goal: number, plan: string, cost: number): TraceDraft {
  return planChosen(goal, plan, [{ plan, applicable: true, cost, why: '' }], 'cheapest applicable plan');
}

/** `chosen` null: none of them. */
export function planChosen(
  goal: number,
  chosen: string | null,
  rows: readonly PlanRow[],
  reason: string,
): TraceDraft {
  const intention = chosen === null ? '' : `i${goal}`;
  return { kind: 'plan', goalId: `g${goal}`, intention, chosen, candidates: [...rows], reason };
}

export function intentionStatus(
  intention: Pick<Intention, 'id' | 'plan'>,
  step: string,
  status: 'step' | 'preempted' | 'resumed' | 'failed' | 'done' | 'aborted',
  reason: string,
): TraceDraft {
  const { id, plan } = intention;
  return { kind: 'intention', intention: `i${id}`, plan: plan.name, step, status, reason };
}

export function stepAnswered(
  intention: Pick<Intention, 'id' | 'plan'>,
  step: string,
  outcome: GoalOutcome,
): TraceDraft {
  const reason = outcome.ok ? 'what it waited for is done' : `what it waited for failed: ${outcome.error}`;
  return intentionStatus(intention, step, 'step', reason);
}

/** The target named is the first thing of the action that says where. */
export function actionRequested(action: Action, reason: string): TraceDraft {
  const { kind, ...detail } = action;
  const rule = action['rule'];
  return {
    kind: 'action',
    action: kind,
    target: targetOf(action),
    rule: typeof rule === 'string' ? rule : null,
    status: 'requested',
    detail,
    reason,
  };
}

function targetOf(action: Action): string {
  for (const name of ['source', 'target', 'link', 'rule', 'subject', 'host', 'name']) {
    const value = action[name];
    if (typeof value === 'string') return value;
  }
  return action.kind;
}

export function messageSent(draft: MessageDraft): TraceDraft {
  const { performative, conversationId: conversation, receiver: peer } = draft;
  const content = toldContent(draft);
  const reason = `${performative} to ${peer}`;
  return { kind: 'message', direction: 'sent', performative, conversation, peer, content, reason };
}

export function messageReceived(message: AclMessage): TraceDraft {
  const { performative, conversationId: conversation, sender: peer } = message;
  const content = toldContent(message);
  const reason = `${performative} from ${peer}`;
  return { kind: 'message', direction: 'received', performative, conversation, peer, content, reason };
}

/**
 * What the journal has of a message's content: all of it. Only where services are placed, whose rounds go to every site with all that is
 * free anywhere, lists are counted: bids, refusals and bookings have entries of their own.
 */
function toldContent({ protocol, content }: Pick<MessageDraft, 'protocol' | 'content'>): Json {
  return protocol === 'fipa-iterated-contract-net' ? counted(content) : content;
}

function counted(content: Json): Json {
  if (Array.isArray(content)) return content.length;
  if (typeof content !== 'object' || content === null) return content;
  return Object.fromEntries(Object.entries(content).map(([key, value]) => [key, counted(value ?? null)]));
}
