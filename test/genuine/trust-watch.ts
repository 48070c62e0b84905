import { agentKeyOf } from '../../src/adapters/keys/hashing.ts';
import type { AgentKey } from '../../src/protocol/ledger.ts';
import type { AgentStatus, Status } from '../../src/protocol/up-status.ts';
import { followLedger } from '../../src/runtime/trust/follow-ledger.ts';

/** What one reader of the ledger may be behind another, on a machine that is busy and over a ledger that is started again. */
const BEHIND_S = 2;

type Incarnation = Pick<AgentStatus, 'name' | 'incarnation'>;

/** What the ledger has granted, read apart from the pipeline: whoever is held for attested there must be so by this. */
export class TrustWatch {
  /** By agent and incarnation, in the order of blocks; times in s since 1970. */
  readonly #grants = new Map<string, { readonly atS: number; readonly untilS: number }[]>();
  /** Since when, in s, somebody has been held for attested whom the ledger does not, or no more. */
  readonly #since = new Map<string, number>();
  /** Time of the last block that has been read. */
  readUpToS = 0;
  readonly #following: { stop(): void };
  /** Who was held for attested past the time that it had, or without ever having had any. */
  readonly wrong: string[] = [];

  constructor({ url, pipeline }: NonNullable<Status['ledger']>) {
    this.#following = followLedger(url, pipeline, ({ entries, timestamp: atS }) => {
      this.readUpToS = atS;
      for (const { event } of entries) {
        if (event.kind !== 'RoundPassed' && event.kind !== 'Revoked') continue;
        const name = named(event.agent, event.incarnation);
        const untilS = event.kind === 'RoundPassed' ? event.validUntil : 0;
        this.#grants.set(name, [...(this.#grants.get(name) ?? []), { atS, untilS }]);
      }
    });
  }

  /** As blocks until `atS` have it; 0: it was never attested, or is thrown out. */
  validUntil({ name, incarnation }: Incarnation, atS = Number.POSITIVE_INFINITY): number {
    const grants = this.#grants.get(named(agentKeyOf(name), incarnation)) ?? [];
    return grants.findLast((each) => each.atS <= atS)?.untilS ?? 0;
  }

  look({ agents }: Status): void {
    const nowS = Date.now() / 1000;
    for (const each of agents) {
      const name = `${each.name} ${each.incarnation}`;
      if (each.status !== 'attested' || nowS <= this.validUntil(each)) {
        this.#since.delete(name);
        continue;
      }
      const sinceS = this.#since.get(name) ?? nowS;
      this.#since.set(name, sinceS);
      if (nowS - sinceS > BEHIND_S)
        this.wrong.push(`${name}: valid until ${this.validUntil(each)}, now ${nowS}`);
    }
  }

  stop(): void {
    this.#following.stop();
  }
}

function named(agent: AgentKey, incarnation: number): string {
  return `${agent} ${incarnation}`;
}
