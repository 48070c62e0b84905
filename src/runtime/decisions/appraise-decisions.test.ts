import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { hashing } from '../../adapters/keys/hashing.ts';
import { answerHashOf } from '../../core/attestation/challenge.ts';
import type { ToAgent } from '../../protocol/agent-control.ts';
import type { Reference } from '../../protocol/decision-disclosure.ts';
import { REGISTRY } from '../../protocol/decision-disclosure.ts';
import { agentId } from '../../protocol/ids.ts';
import type { Evidence, Hex, LedgerEvent } from '../../protocol/ledger.ts';
import { ABSTAINS, ZERO } from '../../protocol/ledger.ts';
import { ownImage } from '../genuine/agent-image.ts';
import { Disclosing } from '../guard/disclosing.ts';
import { GuardedAgent } from '../guard/guarded-agent.ts';
import { imageDigest as digestOf } from '../image/wrap-image.ts';
import { OutputRecord } from '../site-daemon/output-record.ts';
import {
  account,
  attestedEvents,
  evidenceOf,
  FakeChain,
  hex32,
  registeredEvent,
} from '../trust/testing/fake-ledger.ts';
import { TrustView } from '../trust/trust-view.ts';
import { Appraiser, hashToState } from './appraise-decisions.ts';
import { DisclosureDesk } from './ask-disclosure.ts';
import { OutputsDesk } from './ask-outputs.ts';
import { disclose } from './disclose.ts';
import { commandOutput, outputsOf } from './outputs.ts';
import { ReExecutor } from './re-executor.ts';
import type { Alter } from './testing/decided.ts';
import { configOf, Decider } from './testing/decided.ts';

const [KEY, ANSWER] = [hex32(21), hex32(77)];
let dir: string;
let reference: Reference;
let imageDigest: Hex;
let appraiser: Appraiser | undefined;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'muster-test-'));
  const { file, verified } = await ownImage(dir);
  reference = { image: file, config: JSON.stringify(configOf(8)) };
  imageDigest = `0x${digestOf(verified.manifest)}`;
});

afterEach(() => appraiser?.close());
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** An agent that has passed its first round, and its guard; a verifier that is connected to both, and a ledger written by hand. */
class Scene {
  readonly chain = new FakeChain();
  readonly trust = new TrustView({ monotonicMs: () => 0, wallSeconds: () => 100 });
  readonly decider: Decider;
  readonly member;
  readonly appraiser: Appraiser;
  /** What the daemon of its site sees come out of it. */
  readonly record = new OutputRecord();
  answers = true;
  /** Whether the daemon hears of its heads. */
  marks = true;
  /** Whether what it discloses is executed again to its end. */
  executes = true;
  /** When its verifier judges; the deadline is at 124. */
  nowS = 100;
  /** What its guard makes of its evidence. */
  told: (evidence: Evidence) => Evidence = (evidence) => evidence;
  /** What happens between a commit and its verdict. */
  after: () => void = () => {};
  #sent = 0;
  #rounds = 1;
  #head: Hex = ZERO;

  /** `earlier`: decisions that it makes before its first round. */
  constructor(alter?: Alter, digest = imageDigest, key?: Hex, earlier = 0) {
    this.member = {
      key: KEY,
      name: 'a1',
      guard: account(5),
      incarnation: 2,
      round: 1,
      openedAt: 100,
      validUntil: 160,
      kemKey: key ?? hex32(2),
      frameKey: key ?? hex32(3),
    };
    this.decider = new Decider(configOf(8), { mostDecisions: 5, ...(alter === undefined ? {} : { alter }) });
    const order = {
      name: agentId('a1'),
      key: KEY,
      incarnation: 2,
      image: reference.image,
      imageDigest: digest,
      version: 1,
      config: reference.config,
      salt: '00'.repeat(32),
    } as const;
    const agent = new GuardedAgent(order, { onLog: () => {}, onHeld: () => {}, onEpochRefused: () => {} });
    agent.send = (message) => void this.#asAgent(agent, message);
    const reply = (part: Parameters<DisclosureDesk['take']>[0]) => desk.take(part);
    const disclosing = new Disclosing({ trust: this.trust, agents: new Map([[KEY, agent]]), reply });
    const desk = new DisclosureDesk({ from: REGISTRY, send: (wanted) => disclosing.take(wanted) });
    const reExecutor = new ReExecutor({ withinMs: 20_000 });
    this.record.begin(KEY, 2);
    const outputs: OutputsDesk = new OutputsDesk({
      from: 'east',
      send: ({ request, agent, incarnation, head }) => {
        const register = this.record.at(agent, incarnation, head);
        if (register !== undefined) outputs.take({ kind: 'outputs', to: 'east', request, register });
      },
    });
    const { trust } = this;
    this.appraiser = new Appraiser({
      trust,
      desk,
      outputs,
      reExecutor: {
        appraise: (...asked) => (this.executes ? reExecutor.appraise(...asked) : new Promise(() => {})),
        close: () => reExecutor.close(),
      },
      wallSeconds: () => this.nowS,
    });
    appraiser = this.appraiser;
    this.decider.decideTimes(earlier);
    const first = attestedEvents(this.member).map((event) => {
      if (event.kind === 'AgentRegistered') {
        const registered = registeredEvent(KEY, 2, hex32(5), 32);
        return { ...registered, imageDigest: digest } as LedgerEvent;
      }
      return event.kind === 'Committed' ? { ...event, evidence: this.#evidence() } : event;
    });
    this.tell(...first);
    this.#settle();
  }

  /** Says what it has decided; `change`: something else, of those that it has not said yet. */
  say(change: (outputs: readonly Hex[], decision: number) => readonly Hex[] = (outputs) => outputs): void {
    for (const [decision, effects] of this.decider.made.slice(this.#sent))
      for (const output of change(outputsOf(effects, decision), decision.number))
        this.record.add(KEY, 2, output);
    this.#sent = this.decider.made.length;
  }

  tell(...events: readonly LedgerEvent[]): void {
    this.trust.apply(this.chain.block(100 + this.chain.blocks.length, ...events));
  }

  /** A round over what it has decided since the last, to where its verifier judges it. */
  async round(binding = true) {
    const round = ++this.#rounds;
    const opened = {
      round,
      agent: KEY,
      incarnation: 2,
      index: round,
      nonce: hex32(6),
      verifiers: [hex32(22)],
    };
    const answerHash = answerHashOf(ANSWER, hashing);
    this.tell({ kind: 'RoundOpened', ...opened, answerHash, openedAt: 110, commitBy: 120 });
    const commit = { agent: KEY, evidence: this.#evidence(), binding: hex32(8), verdictBy: 124 };
    this.tell({ kind: 'Committed', round, ...commit });
    this.after();
    const state = this.trust.state.rounds.get(round);
    if (state === undefined) throw new Error('it was opened');
    const appraisal = await this.appraiser.appraise(
      state,
      ANSWER,
      { binding, trouble: undefined },
      reference,
    );
    if (appraisal.pass) {
      const passed = { round, agent: KEY, incarnation: 2, verifier: hex32(22), validUntil: 180 };
      this.tell({ kind: 'RoundPassed', ...passed, rootOfTrust: KEY });
      this.#settle();
    }
    return appraisal;
  }

  /** As its guard tells it. */
  #settle(): void {
    const head = this.trust.decisions.settledOf(KEY, 2);
    if (head !== ZERO) this.decider.log.settle(head);
  }

  #evidence() {
    this.#head = this.decider.log.head();
    this.say();
    if (this.marks) this.record.mark(KEY, 2, this.#head);
    return this.told({ ...evidenceOf(this.member), decisionHead: this.#head });
  }

  async #asAgent(agent: GuardedAgent, message: ToAgent): Promise<void> {
    if (message.kind !== 'disclose' || !this.answers) return;
    const { request, ...asked } = message;
    const parts = (await disclose(this.decider.log, asked, 8)) ?? [];
    for (const [index, part] of parts.entries())
      agent.take({ kind: 'disclosed', request, index, of: parts.length, part });
  }
}

describe('a verdict', () => {
  it('passes an agent round after round whose decisions are those of the reference, and says how many were executed', async () => {
    const scene = new Scene();
    let made = 0;
    for (const decisions of [7, 0, 30]) {
      scene.decider.decideTimes(decisions);
      const { pass, text, hash } = await scene.round();
      made += decisions;
      expect([pass, JSON.parse(text)]).toMatchObject([true, { decisions, outputs: made }]);
      expect(hash).toBe(`0x${createHash('sha256').update(text).digest('hex')}`);
    }
  });

  it('refuses one that decides otherwise, though its binding is right', async () => {
    const scene = new Scene((effects, decision) => (decision > 7 ? [] : effects));
    scene.decider.decideTimes(7);
    expect((await scene.round()).pass).toBe(true);
    scene.decider.decideTimes(20);
    const { pass, text } = await scene.round();
    expect(pass).toBe(false);
    expect(text).toMatch(/"binding":true.*is not what its program decides/);
  });

  it('refuses one that has stated otherwise in its first round, when nobody looks yet, and decides honestly from there', async () => {
    const scene = new Scene((effects, decision) => (decision > 7 ? effects : []), imageDigest, undefined, 7);
    scene.decider.decideTimes(20);
    const { pass, text } = await scene.round();
    expect([pass, text]).toEqual([false, expect.stringMatching(/is not what its program decides/)]);
  });

  it('passes one that has decided honestly before its first round, and executes that again with the second', async () => {
    const scene = new Scene(undefined, imageDigest, undefined, 7);
    scene.decider.decideTimes(20);
    expect(JSON.parse((await scene.round()).text)).toMatchObject({ pass: true, decisions: 27 });
    scene.decider.decideTimes(3);
    expect(JSON.parse((await scene.round()).text)).toMatchObject({ pass: true, decisions: 3 });
  });

  it.each<[string, (evidence: Evidence) => Evidence]>([
    ['names no key of the group any more', (evidence) => ({ ...evidence, kemKey: ZERO })],
    ['names no keys any more', (evidence) => ({ ...evidence, kemKey: ZERO, frameKey: ZERO })],
    ['states no head with it', (evidence) => ({ ...evidence, kemKey: ZERO, decisionHead: ZERO })],
  ])('refuses one that has decided otherwise and %s', async (_, told) => {
    const scene = new Scene((effects, decision) => (decision > 7 ? [] : effects));
    scene.decider.decideTimes(7);
    expect((await scene.round()).pass).toBe(true);
    scene.decider.decideTimes(20);
    scene.told = told;
    expect((await scene.round()).pass).toBe(false);
  });

  it('refuses one that signs without ever having had a key of the group, and accounts for nothing', async () => {
    const scene = new Scene();
    scene.told = (evidence) => ({ ...evidence, kemKey: ZERO, decisionHead: ZERO });
    expect((await scene.round()).pass).toBe(false);
    expect((await scene.round()).pass).toBe(false);
  });

  it('passes one that has no keys and never had: it has decided nothing', async () => {
    const scene = new Scene(undefined, imageDigest, ZERO);
    scene.told = (evidence) => ({ ...evidence, decisionHead: ZERO });
    expect((await scene.round()).pass).toBe(true);
  });

  it('refuses one whose binding is wrong without asking it anything', async () => {
    const scene = new Scene();
    scene.answers = false;
    expect(await scene.round(false)).toMatchObject({
      pass: false,
      text: '{"binding":false,"pass":false,"round":2}',
    });
  });

  it('refuses one that does not disclose in time', async () => {
    const scene = new Scene();
    scene.answers = false;
    scene.nowS = 118;
    scene.decider.decideTimes(3);
    const appraisal = await scene.round();
    expect([appraisal.pass, appraisal.text]).toEqual([false, expect.stringMatching(/does not disclose/)]);
    expect(hashToState(appraisal)).toBe(ABSTAINS);
  });

  it('abstains before its deadline where decisions are not executed again in time: the machine may only be busy', async () => {
    const scene = new Scene();
    scene.executes = false;
    scene.nowS = 121;
    scene.decider.decideTimes(3);
    const appraisal = await scene.round();
    expect([appraisal.pass, appraisal.text]).toEqual([
      false,
      expect.stringMatching(/could not be executed again in time/),
    ]);
    expect(hashToState(appraisal)).toBe(ABSTAINS);
  });

  const another = commandOutput(5, { kind: 'abort', token: 9 });

  it.each<[string, (outputs: readonly Hex[], decision: number) => readonly Hex[], RegExp]>([
    [
      'says another thing than it has decided',
      (outputs, decision) => (decision === 5 ? [another] : outputs),
      /not what it has decided/,
    ],
    [
      'says one thing more',
      (outputs, decision) => (decision === 5 ? [...outputs, another] : outputs),
      /12 commands and messages have come out of it, it has decided 11/,
    ],
    [
      'says one thing less',
      (outputs, decision) => (decision === 5 ? [] : outputs),
      /10 commands and messages have come out of it, it has decided 11/,
    ],
  ])('refuses one whose log is honest and that %s', async (what, change, why) => {
    const scene = new Scene();
    scene.decider.decideTimes(4);
    expect((await scene.round()).pass).toBe(true);
    scene.decider.decideTimes(7);
    scene.say(change);
    const appraisal = await scene.round();
    expect([what, appraisal.pass, appraisal.text]).toEqual([what, false, expect.stringMatching(why)]);
    expect(hashToState(appraisal)).toBe(appraisal.hash);
  });

  it('refuses one that does not tell its daemon of its head, and whose daemon does not answer', async () => {
    const scene = new Scene();
    scene.decider.decideTimes(4);
    scene.marks = false;
    scene.nowS = 118;
    const appraisal = await scene.round();
    expect([appraisal.pass, appraisal.text]).toEqual([
      false,
      expect.stringMatching(/has not heard of the head/),
    ]);
    expect(hashToState(appraisal)).toBe(ABSTAINS);
  });

  it('passes one that has said more since the head, and compares that in the next round', async () => {
    const scene = new Scene();
    scene.decider.decideTimes(4);
    scene.after = () => {
      scene.decider.decideTimes(3);
      scene.say();
    };
    expect((await scene.round()).pass).toBe(true);
    expect((await scene.round()).pass).toBe(true);
    scene.after = () => scene.record.add(KEY, 2, another);
    expect((await scene.round()).pass).toBe(true);
    scene.after = () => {};
    expect((await scene.round()).text).toMatch(/have come out of it/);
  });

  it('is not given with another program than the image that the ledger names', async () => {
    const scene = new Scene(undefined, hex32(5));
    scene.decider.decideTimes(3);
    const { pass, text } = await scene.round();
    expect([pass, text]).toEqual([false, expect.stringMatching(/not the image on the ledger/)]);
  });
});
