import type { PipelineAddress } from './ledger.ts';
import type { Vitals } from './site-link.ts';

/** What of a journal without an end is there, and what is not any more. */
export interface JournalExtent {
  /** Another one each time that Muster is started: numbers of entries begin anew. */
  readonly life: string;
  readonly entries: number;
  /** The first that is kept, or else the next to come; all before it have been dropped. */
  readonly firstSeq: number;
  readonly dropped: number;
  /** ms since 1970 at which the first that is kept came; null: none is kept. */
  readonly sinceMs: number | null;
  readonly mostEntries: number;
  readonly mostAgeMs: number;
}

/** Of the services of what is up. */
export interface ServicesSummary {
  readonly sites: number;
  readonly services: number;
  readonly instantiated: number;
  readonly units: number;
  readonly running: number;
  readonly lostSites: readonly string[];
}

/** Of the API of `muster up`: an agent. */
export interface AgentStatus {
  readonly name: string;
  readonly site: string;
  readonly host: string;
  /** As the ledger has it; `expired`: attested once, and past its time; `down`: it is not started again, see `reason`. */
  readonly status: string;
  readonly incarnation: number;
  /** Of the image that this incarnation was started from. */
  readonly version: number;
  readonly pid: number | null;
  /** s since 1970 until which it is attested; 0: it is not. */
  readonly validUntil: number;
  /** Whether it holds the newest group key. */
  readonly keyed: boolean;
  readonly roles: readonly string[];
  readonly sent: number;
  readonly received: number;
  /** Frames of others that it has not taken. */
  readonly refusedFrames: number;
  /** Null: it has said nothing yet. */
  readonly vitals: Vitals | null;
  readonly reason: string;
}

/** What an operator has to know of, and what it is about: names of agents and sites, ids of services; `ledger` has but one. */
export interface Alarm {
  readonly text: string;
  readonly about: readonly { readonly kind: 'agent' | 'site' | 'service' | 'ledger'; readonly id: string }[];
}

/** Of the API of `muster up`: what runs, and how it fares. Field names are a contract. */
export interface Status {
  readonly scenario: string;
  readonly plane: 'twin' | 'linux';
  readonly ready: boolean;
  readonly upForS: number;
  readonly ledger: {
    readonly url: string;
    readonly block: number;
    readonly pipeline: PipelineAddress;
  } | null;
  readonly epoch: number;
  readonly setVersion: number;
  readonly rootOfTrust: string;
  readonly processes: Readonly<Record<string, number>>;
  readonly agents: readonly AgentStatus[];
  /** Null: nobody manages services here. */
  readonly services: ServicesSummary | null;
  /** What an operator has to know of; see `alarmsOf`. */
  readonly alarms: readonly string[];
  /** The same, each with what it is about. */
  readonly alarmCauses: readonly Alarm[];
  readonly journal: JournalExtent;
}
