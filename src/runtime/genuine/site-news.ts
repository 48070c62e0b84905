import { REGISTRY } from '../../protocol/decision-disclosure.ts';
import { AheadOfBlocks } from '../trust/ahead-of-blocks.ts';
import type { TrustView } from '../trust/trust-view.ts';
import { monotonicMs } from '../trust/trust-view.ts';
import type { AgentLives } from './agent-lives.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { Collector } from './collector.ts';
import type { LiveSites, SiteNews } from './live-sites.ts';
import { mayActSoon, mayStillAct } from './may-still-act.ts';
import type { PipelineOptions } from './pipeline-options.ts';
import type { Refusals } from './refusals.ts';
import type { RegistryOffice } from './registry-office.ts';

/** Of the commands of one agent that are ahead of our blocks. */
const MOST_EARLY = 64;

/** What an agent wants done, as its site tells it. */
interface SiteCommand {
  readonly site: string;
  readonly message: Extract<SiteNews, { kind: 'act' | 'award' | 'abort' }>;
}

/** Whom what sites say is for. Those that are functions may not be there yet: what comes for them then is lost. */
export interface SiteNewsReaders
  extends Pick<PipelineOptions, 'onAct' | 'onAbort' | 'onAward' | 'onAppraisal' | 'onNote'> {
  readonly trust: TrustView;
  readonly refusals: Refusals;
  readonly commands: Pick<AheadOfBlocks<SiteCommand>, 'take'>;
  readonly office: Pick<RegistryOffice, 'disclosures' | 'outputs' | 'shares' | 'platforms'>;
  /** To pass on to guards and daemons of other sites. */
  sites(): Pick<LiveSites, 'tellGuard' | 'tellGuardAt' | 'tellGuards' | 'send' | 'broadcast'> | undefined;
  collector(): Collector | undefined;
  checkpoints(): Checkpoints | undefined;
  lives(): AgentLives | undefined;
  /** The daemon of a site has reached so many others: all that it was told of. */
  onConnected(site: string, others: number): void;
}

/** Hands what a daemon or a guard says to whom it is for. */
export function readSiteNews(readers: SiteNewsReaders, site: string, message: SiteNews): void {
  const { refusals, office } = readers;
  switch (message.kind) {
    case 'act':
    case 'award':
    case 'abort': {
      readers.commands.take(message.agent, { site, message });
      return;
    }
    case 'telemetry':
      readers.collector()?.take(message.agent, message.sealed);
      return;
    case 'quote':
      office.platforms.take(site, message.round, message.quote);
      return;
    case 'disclosure-wanted':
      readers.sites()?.tellGuardAt(message.at, { ...message, from: site });
      return;
    case 'disclosure-part':
      if (message.to === REGISTRY) office.disclosures.take(message);
      else readers.sites()?.tellGuardAt(message.to, message);
      return;
    case 'outputs-wanted':
      readers.sites()?.send(message.at, { ...message, from: site });
      return;
    case 'outputs':
      if (message.to === REGISTRY) office.outputs.take(message);
      else readers.sites()?.tellGuardAt(message.to, message);
      return;
    case 'appraisal':
      readers.onAppraisal?.(message.text);
      return;
    case 'shares-wanted':
      office.shares.ask(site, message.request);
      return;
    case 'share': {
      const { round, to, sealed } = message;
      readers.sites()?.tellGuard(to, { kind: 'share', round, holder: site, sealed });
      return;
    }
    case 'wrong-share': {
      const { holder, round } = message;
      const reason = `it tells the guard of ${site} a wrong share of the answer of round ${round}`;
      refusals.tell(site, 'wrong-share', holder, reason);
      return;
    }
    case 'cosigned':
      readers.checkpoints()?.take(site, message);
      return;
    case 'started':
      readers.lives()?.started(message);
      return;
    case 'keyed':
      readers.lives()?.keyed(message.agent, message.incarnation);
      return;
    case 'welcomed':
      readers.lives()?.welcomed(message.agent, message.incarnation);
      return;
    case 'exited':
      tellFall(readers, message);
      readers.lives()?.exited(message);
      return;
    case 'refused':
      refusals.tell(site, `${message.what}-refused`, message.agent, message.reason);
      return;
    case 'connected':
      readers.onConnected(site, message.sites);
      return;
    case 'log':
      readers.onNote(`${site}: ${message.who}: ${message.text}`);
      return;
    default:
      message satisfies never;
  }
}

/**
 * Everybody who believes it now hears at once that it is gone: the ledger says so only when it is there. One that nobody believes yet is
 * not named: if the ledger never hears of it, the next that is started has its number.
 */
function tellFall(
  { trust, sites }: Pick<SiteNewsReaders, 'trust' | 'sites'>,
  { agent, incarnation }: Extract<SiteNews, { kind: 'exited' }>,
): void {
  const key = trust.keyOf(agent);
  if (key === undefined || trust.attested(key)?.incarnation !== incarnation) return;
  trust.fell(agent, incarnation);
  sites()?.broadcast({ kind: 'fallen', agent, incarnation });
  sites()?.tellGuards({ kind: 'fallen', agent, incarnation });
}

/** What agents want done, whose incarnation may be known at their site a moment before it is known here. */
export function commandsAhead(readers: Omit<SiteNewsReaders, 'commands'>): AheadOfBlocks<SiteCommand> {
  return new AheadOfBlocks({
    most: MOST_EARLY,
    nowMs: monotonicMs,
    deal: ({ site, message }, mayWait) => {
      const { trust, refusals } = readers;
      const { agent, incarnation } = message;
      // It has waited on its way: whoever has been thrown out meanwhile has nothing carried out any more.
      const refusal = mayStillAct(trust, agent, incarnation);
      if (refusal === undefined) carryOut(readers, message);
      else if (mayWait && mayActSoon(trust, agent, incarnation)) return false;
      else refusals.tell(site, 'command-refused', agent, `dropped: ${refusal}`);
      return true;
    },
  });
}

function carryOut(
  { onAct, onAward, onAbort }: Pick<SiteNewsReaders, 'onAct' | 'onAward' | 'onAbort'>,
  command: SiteCommand['message'],
): void {
  if (command.kind === 'act') onAct(command);
  else if (command.kind === 'award') onAward(command.agent, command.word);
  else onAbort(command.agent, command.token);
}
