import type { AgentKey, LedgerEvent } from '../../protocol/ledger.ts';
import { ABSTAINS, ZERO } from '../../protocol/ledger.ts';
import { time } from './chain-time.ts';
import { isGivenUp } from './given-up.ts';
import type { Names } from './names.ts';
import { short } from './names.ts';

/** An event of the ledger as one English sentence, with names where they are known. */
export function sentence(event: LedgerEvent, names: Names): string {
  const who = names.agent;
  switch (event.kind) {
    case 'GuardEnrolled':
      return `Site ${event.siteName} was enrolled; its guard is ${short(event.guard)}.`;
    case 'GuardRemoved':
      return `${capital(names.account(event.guard))} was removed, and with it all its agents.`;
    case 'AgentAdmitted':
      return `${event.name} was admitted to the pipeline, behind ${names.account(event.guard)}.`;
    case 'AgentWithdrawn':
      return `${who(event.agent)} was withdrawn from the pipeline: ${event.reason}.`;
    case 'AgentRegistered':
      return `Incarnation ${event.incarnation} of ${who(event.agent)} was registered: version ${event.version}, image ${short(event.imageDigest)}, ${count(event.challenges, 'challenge')}.`;
    case 'Succeeded':
      return `Incarnation ${event.incarnation} of ${who(event.agent)} takes the place of the one before it.`;
    case 'ChallengesAdded':
      return `${who(event.agent)} (incarnation ${event.incarnation}) now has ${count(event.challenges, 'challenge')} in all.`;
    case 'PlanSet':
      return event.order.length === 0
        ? 'The attestation plan was emptied.'
        : `The attestation plan is now: ${list(event.order, names)}.`;
    case 'RoundOpened':
      return `Round ${event.round}: ${who(event.agent)} was challenged (challenge ${event.index}); ${verifiers(event.verifiers, names)}.`;
    case 'Committed':
      return `Round ${event.round}: ${who(event.agent)} committed to its evidence${event.evidence.kemKey === ZERO ? '' : ', with a fresh key for the group'}.`;
    case 'VerdictGiven':
      return `Round ${event.round}: ${who(event.verifier)} ${verdict(event)} ${who(event.agent)}.`;
    case 'RoundPassed':
      return `Round ${event.round}: ${who(event.agent)} is attested until ${time(event.validUntil)}, by ${who(event.verifier)}.`;
    case 'RoundFailed':
      return `Round ${event.round} of ${who(event.agent)} ${isGivenUp(event.reason) ? 'was given up' : 'failed'}: ${event.reason}.`;
    case 'RoundExpired':
      return `Round ${event.round} of ${who(event.agent)}: ${event.silent === event.agent ? 'it was' : `${who(event.silent)} was`} silent past its deadline.`;
    case 'VerifierReplaced':
      return `Round ${event.round} of ${names.roundOf(event.round)}: ${who(event.successor)} verifies in place of ${who(event.silent)}.`;
    case 'Arbitration':
      return `Round ${event.round} of ${names.roundOf(event.round)}: its verifiers did not decide, the registry will.`;
    case 'DeadlinesMoved':
      return `Nothing was heard of the ledger for a while: rounds under way have ${count(event.bySeconds, 'second')} more.`;
    case 'Suspended':
      return `${who(event.agent)} (incarnation ${event.incarnation}) was suspended: ${event.reason}.`;
    case 'Revoked':
      return `${who(event.agent)} (incarnation ${event.incarnation}) was revoked for good: ${event.reason}.`;
    case 'ValidityExpired':
      return `The attestation of ${who(event.agent)} (incarnation ${event.incarnation}) ran out.`;
    case 'RootOfTrustMoved':
      return event.rootOfTrust === ZERO
        ? 'Nobody is the root of trust now.'
        : `${who(event.rootOfTrust)} is the root of trust now.`;
    case 'AttestedSetChanged':
      return `The set of attested agents changed: it is version ${event.version} now.`;
    case 'Anchored':
      return `${count(event.count, 'record')} of kind ${short(event.batch)} anchored under ${short(event.root)}.`;
    case 'EpochOpened':
      return `${who(event.steward)} opened epoch ${event.epoch} of the group key, for version ${event.setVersion} of the attested set.`;
    case 'Envelope':
      return `Epoch ${event.epoch}: its key was sealed to ${who(event.agent)}.`;
    case 'Acknowledged':
      return `Epoch ${event.epoch}: ${who(event.agent)} has its key.`;
    default:
      return event satisfies never;
  }
}

/** The agent that an event is about; undefined: about none. */
export function subjectOf(event: LedgerEvent): AgentKey | undefined {
  if ('agent' in event) return event.agent;
  if (event.kind === 'EpochOpened') return event.steward;
  return event.kind === 'RootOfTrustMoved' ? event.rootOfTrust : undefined;
}

function verdict({ matches, pass, appraisalHash }: Extract<LedgerEvent, { kind: 'VerdictGiven' }>): string {
  if (!matches) return 'opened an answer that does not fit the commitment of';
  if (!pass && appraisalHash === ABSTAINS) return 'abstained from a verdict on';
  return pass ? 'passed' : 'refused';
}

function verifiers(keys: readonly AgentKey[], names: Names): string {
  return keys.length === 0
    ? 'the registry verifies'
    : `${list(keys, names)} ${keys.length === 1 ? 'verifies' : 'verify'}`;
}

function list(keys: readonly AgentKey[], names: Names): string {
  const all = keys.map((each) => names.agent(each));
  const last = all.at(-1) ?? '';
  return all.length < 2 ? last : `${all.slice(0, -1).join(', ')} and ${last}`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
