import type { DrivenClock } from '../../src/ports/drive.ts';
import type { Testbed } from '../../src/ports/testbed.ts';
import type { Ipv4 } from '../../src/protocol/ids.ts';
import { agentId, awardId, Ipv4Schema, linkId, ruleId } from '../../src/protocol/ids.ts';
import type { Outcome, PlaneCommand, PlaneQuery, PlaneReading } from '../../src/protocol/plane.ts';
import type { Scenario } from '../../src/protocol/scenario.ts';
import { createTestbed } from '../../src/runtime/create-testbed.ts';

export const LINK = linkId('s2', 'srv');
export const OTHER_LINK = linkId('s2', 'other');
/** The server's address: that of the first host. */
const STEP_MS = 5;

/** Who set a rule and for which award, as every rule is marked. */
export const mark = (rule: string, award = 'a1.1') => ({
  rule: ruleId(rule),
  award: awardId(award),
  owner: agentId('a1'),
});

/** A data plane under test: the testbed, and time that passes on its clock. */
export class Bench {
  readonly testbed: Testbed;
  readonly scenario: Scenario;
  readonly clock: DrivenClock;

  private constructor(testbed: Testbed, scenario: Scenario, clock: DrivenClock) {
    this.testbed = testbed;
    this.scenario = scenario;
    this.clock = clock;
  }

  static async create(kind: 'twin' | 'linux', scenario: Scenario, seed = 1): Promise<Bench> {
    const { testbed, clock } = await createTestbed(scenario, kind, seed, 0, () => {});
    return new Bench(testbed, scenario, clock);
  }

  /** Built, with its server running. */
  static async up(kind: 'twin' | 'linux', scenario: Scenario, seed = 1): Promise<Bench> {
    const bench = await Bench.create(kind, scenario, seed);
    await bench.testbed.build();
    const [web] = scenario.functions;
    const [host] = scenario.topology.hosts;
    if (web === undefined || host === undefined) throw new Error('a scenario has functions and hosts');
    await bench.testbed.deploy(web, host.name);
    return bench;
  }

  get target(): Ipv4 {
    return Ipv4Schema.parse(
      this.testbed.plane.addressOf(this.scenario.topology.hosts[0]?.name ?? ('' as never)),
    );
  }

  get attackers(): readonly Ipv4[] {
    return this.testbed.truth().attackers.map((each) => each.address);
  }

  pass(ms: number): Promise<void> {
    return this.clock.passUntil(this.clock.nowMs() + ms);
  }

  async #answered<T>(ask: (done: (outcome: Outcome<T>) => void) => void): Promise<Outcome<T>> {
    let outcome: Outcome<T> | undefined;
    ask((given) => {
      outcome = given;
    });
    for (let waited = 0; outcome === undefined && waited < 20_000; waited += STEP_MS)
      await this.pass(STEP_MS);
    if (outcome === undefined) throw new Error('the data plane has not answered');
    return outcome;
  }

  try(command: PlaneCommand): Promise<Outcome<null>> {
    return this.#answered((done) => this.testbed.plane.execute(command, done));
  }

  tryMeasure(query: PlaneQuery): Promise<Outcome<PlaneReading>> {
    return this.#answered((done) => this.testbed.plane.measure(query, done));
  }

  async do(...commands: readonly PlaneCommand[]): Promise<void> {
    const outcomes = await Promise.all(commands.map((command) => this.try(command)));
    for (const outcome of outcomes) if (!outcome.ok) throw new Error(outcome.error);
  }

  async read<K extends PlaneReading['kind']>(
    query: PlaneQuery & { kind: K },
  ): Promise<Extract<PlaneReading, { kind: K }>> {
    const outcome = await this.tryMeasure(query);
    if (!outcome.ok) throw new Error(outcome.error);
    const { value } = outcome;
    if (value.kind !== query.kind) throw new Error(`${query.kind} was answered with ${value.kind}`);
    // The kinds of query and reading have one name each.
    return value as Extract<PlaneReading, { kind: K }>;
  }

  async rules() {
    return (await this.read({ kind: 'rules' })).entries;
  }

  /** Bytes per second that the link delivers, and is offered, over a window, once what was queued before has drained. */
  async rate(windowMs = 1000, settleMs = 600): Promise<{ delivered: number; offered: number }> {
    await this.pass(settleMs);
    const [fromMs, before] = [this.clock.nowMs(), await this.read({ kind: 'link-load', link: LINK })];
    await this.pass(windowMs);
    const [toMs, after] = [this.clock.nowMs(), await this.read({ kind: 'link-load', link: LINK })];
    const perSecond = (bytes: number) => (bytes * 1000) / (toMs - fromMs);
    return {
      delivered: perSecond(after.deliveredBytes - before.deliveredBytes),
      offered: perSecond(after.offeredBytes - before.offeredBytes),
    };
  }

  async flood(): Promise<void> {
    const [attack] = this.scenario.attacks;
    if (attack === undefined) throw new Error('no attack');
    await this.testbed.startAttack(attack, this.clock.nowMs() + 60_000);
  }

  async readers(): Promise<void> {
    const [group] = this.scenario.users;
    if (group === undefined) throw new Error('no users');
    await this.testbed.startUsers(group);
  }

  async close(): Promise<void> {
    await this.testbed.destroy();
    this.clock.close();
  }
}
