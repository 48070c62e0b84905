import type { AgentState } from './agent-state.ts';
import { revise, traceLazily } from './agent-state.ts';
import type { Percept } from './event.ts';
import type { Cause } from './trace.ts';
import { measured } from './trace-drafts.ts';

/**
 * B of every active capability, for one percept. The percept itself is traced only if it changes what is believed, and
 * just before the change, so that a quiet network leaves a short journal and `why` still ends at the measurement.
 */
export function perceive(state: AgentState, event: Percept, because: Cause): void {
  let entry: Cause | undefined;
  for (const index of state.model.perceiving) {
    const capability = state.model.capabilities[index];
    if (capability === undefined || state.active[index] !== true) continue;
    const revisions = capability.reviseBeliefs?.(event, state.beliefs, state.nowMs) ?? [];
    for (const revision of revisions) {
      if (state.sink !== undefined && entry === undefined) {
        const changes = state.beliefs.truth(revision.type, revision.subject) !== revision.truth;
        if (changes) entry = tracePercept(state, event, because);
      }
      revise(state, revision, event.topic, entry ?? because);
    }
  }
}

function tracePercept(state: AgentState, event: Percept, because: Cause): number {
  return traceLazily(state, because === 0 ? [] : because, measured, event, null, null, null);
}
