import type { Clock, Timer } from '../ports/clock.ts';
import type { AgentId, AwardId, RuleId } from '../protocol/ids.ts';
import type { PlaneCommand } from '../protocol/plane.ts';
import type { AwardWord } from '../protocol/site-link.ts';

/** The word of who gives an award travels beside the award itself: a command that is quicker waits for it, ms. */
export const WORD_WITHIN_MS = 1000;
const MOST_WAITING = 256;
/** Awards of one agent that are remembered; of those that serve no rule the oldest are forgotten beyond it. */
const MOST_AWARDS = 1024;
/** Holders of one award at a time: those who took it over after one another. */
const MOST_HOLDERS = 64;
/** A rule whose owner is gone stays for so long after nobody holds its award: somebody may yet take it over, ms. */
export const ABANDONED_AFTER_MS = 15_000;
/** Rules beyond which those that have ended by themselves are looked for. */
const MANY_RULES = 1024;

export type Judged =
  | {
      readonly ok: true;
      /** The data plane did not carry it out after all. */
      undo(): void;
    }
  | { readonly ok: false; readonly reason: string };

interface Standing {
  readonly owner: AgentId;
  readonly award: AwardId;
  /** ms of the clock at which it ends by itself; infinity: never. */
  readonly untilMs: number;
  /** Its owner, or who gave the award, is gone: whoever is awarded the same work anew may put another in its place. */
  readonly orphaned: boolean;
  /** ms of the clock at which its owner went; infinity: it is there. */
  readonly ownerGoneMs: number;
}

/** A rule that nobody is left to lift. */
export interface AbandonedRule {
  readonly rule: RuleId;
  readonly award: AwardId;
  readonly reason: string;
}

interface Waiting {
  readonly agent: AgentId;
  readonly tryAgain: () => boolean;
  readonly refuse: (reason: string) => void;
  readonly timer: Timer;
}

/**
 * Whose rule is whose, kept where the commands of all sites come together: a rule may be set by who holds an award, and touched by
 * its owner alone, or by who takes it over under an award of the same giver. The giver says so itself, by a signed command of its
 * own; awards bear the name of who gives them, so nobody gives in another's name.
 */
export class AwardFence {
  readonly #clock: Clock;
  readonly #rules = new Map<RuleId, Standing>();
  /** Holders of each award, by who gives it. */
  readonly #given = new Map<string, Map<string, Set<AgentId>>>();
  readonly #waiting = new Set<Waiting>();
  readonly #looks = new Set<Timer>();
  #lift: ((abandoned: AbandonedRule) => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `lift` takes a rule off the data plane that nobody is left to lift. */
  onAbandoned(lift: (abandoned: AbandonedRule) => void): void {
    this.#lift = lift;
  }

  /** What an agent says of an award; a text: why it is not believed. */
  hear(from: AgentId, word: AwardWord): string | undefined {
    const { award } = word;
    if (giverOf(award) !== from) return `${award} is not an award of ${from}`;
    const awards = this.#given.get(from) ?? new Map<string, Set<AgentId>>();
    this.#given.set(from, awards);
    if (word.kind === 'award-over') {
      awards.delete(award);
      if ([...this.#rules.values()].some((each) => each.award === award && isLeft(each))) this.#lookLater();
      return undefined;
    }
    if (word.takesOver !== undefined) {
      if (giverOf(word.takesOver) !== from) return `${word.takesOver} is not an award of ${from}`;
      // With it whatever took over from it before, and has failed as well.
      for (const each of [...awards.keys()]) if (each !== award && isFamily(each, award)) awards.delete(each);
    }
    const holders = awards.get(award) ?? new Set();
    if (holders.size >= MOST_HOLDERS && !holders.has(word.holder))
      return `${award} has ${holders.size} holders already`;
    awards.set(award, holders.add(word.holder));
    this.#forgetOld(awards);
    for (const waiting of [...this.#waiting]) if (waiting.tryAgain()) this.#waiting.delete(waiting);
    return undefined;
  }

  /** Judges a command, at once or as soon as the word about its award is there. */
  judge(agent: AgentId, command: PlaneCommand, then: (judged: Judged) => void): void {
    const award = awardWanted(command);
    const attempt = (): boolean => {
      if (award !== undefined && !this.#holds(agent, award)) return false;
      then(this.#judge(agent, command));
      return true;
    };
    if (attempt()) return;
    const refuse = (reason: string): void => then({ ok: false, reason });
    if (this.#waiting.size >= MOST_WAITING) {
      refuse('too many commands wait for an award');
      return;
    }
    const timer = this.#clock.at(this.#clock.nowMs() + WORD_WITHIN_MS, () => {
      this.#waiting.delete(waiting);
      refuse(`${award} was not awarded to ${agent}`);
    });
    const waiting: Waiting = {
      agent,
      refuse,
      timer,
      tryAgain: () => {
        if (!attempt()) return false;
        timer.cancel();
        return true;
      },
    };
    this.#waiting.add(waiting);
  }

  /** An agent is gone: its commands that wait are dropped, what it set or gave may be given anew to others. */
  gone(agent: AgentId): void {
    for (const waiting of [...this.#waiting]) {
      if (waiting.agent !== agent) continue;
      this.#waiting.delete(waiting);
      waiting.timer.cancel();
      waiting.refuse(`${agent} is gone`);
    }
    this.#given.delete(agent);
    for (const awards of this.#given.values()) {
      for (const holders of awards.values()) holders.delete(agent);
    }
    for (const [rule, standing] of this.#rules) {
      if (standing.owner === agent || giverOf(standing.award) === agent) {
        const ownerGoneMs = standing.owner === agent ? this.#clock.nowMs() : standing.ownerGoneMs;
        this.#rules.set(rule, { ...standing, orphaned: true, ownerGoneMs });
      }
    }
    this.#lookLater();
  }

  close(): void {
    for (const look of this.#looks) look.cancel();
    for (const { timer } of this.#waiting) timer.cancel();
    this.#waiting.clear();
  }

  #lookLater(): void {
    const look = this.#clock.at(this.#clock.nowMs() + ABANDONED_AFTER_MS, () => {
      this.#looks.delete(look);
      this.#liftAbandoned();
    });
    this.#looks.add(look);
  }

  #liftAbandoned(): void {
    const goneBy = this.#clock.nowMs() - ABANDONED_AFTER_MS;
    for (const [rule, { owner, award, ownerGoneMs }] of this.#rules) {
      const holders = this.#given.get(giverOf(award))?.get(award)?.size ?? 0;
      if (ownerGoneMs > goneBy || holders > 0) continue;
      this.#rules.delete(rule);
      this.#lift?.({ rule, award, reason: `${owner} is gone, and nobody holds award ${award} any more` });
    }
  }

  #judge(agent: AgentId, command: PlaneCommand): Judged {
    switch (command.kind) {
      case 'confirm-sources':
        return this.#holdsAny(agent) ? this.#change(() => {}) : refused(`${agent} holds no award`);
      case 'remove-rule': {
        const { rule, award } = command;
        const standing = this.#standing(rule);
        // The data plane leaves a rule alone that serves another award by now.
        if (standing === undefined || (award !== undefined && award !== standing.award)) {
          return this.#change(() => {});
        }
        if (standing.owner !== agent) return refused(isOf(rule, standing));
        return this.#change(() => this.#rules.delete(rule));
      }
      case 'adopt-rules': {
        const { fromAward, toAward, owner } = command;
        if (owner !== agent) return refused(`it names ${owner} as the owner`);
        if (giverOf(fromAward) !== giverOf(toAward)) {
          return refused(`${toAward} is not given by who gave ${fromAward}`);
        }
        return this.#change(() => {
          for (const [rule, standing] of this.#rules) {
            if (standing.award !== fromAward) continue;
            this.#rules.set(rule, { ...standing, owner, award: toAward, ...THERE });
          }
        });
      }
      default: {
        const { rule, award, owner } = command;
        if (owner !== agent) return refused(`it names ${owner} as the owner`);
        const standing = this.#standing(rule);
        const mayReplace =
          standing === undefined ||
          standing.owner === agent ||
          standing.orphaned ||
          giverOf(standing.award) === giverOf(award);
        if (!mayReplace) return refused(isOf(rule, standing));
        const untilMs =
          command.kind === 'block-source' ? this.#clock.nowMs() + command.ttlMs : Number.POSITIVE_INFINITY;
        return this.#change(() => this.#rules.set(rule, { owner, award, untilMs, ...THERE }));
      }
    }
  }

  /** Remembered from now on, not from when it is done: two commands on their way must not both find the place free. */
  #change(change: () => unknown): Judged {
    if (this.#rules.size > MANY_RULES) for (const rule of [...this.#rules.keys()]) this.#standing(rule);
    const before = new Map(this.#rules);
    change();
    const changed = [...new Set([...before.keys(), ...this.#rules.keys()])].filter(
      (rule) => before.get(rule) !== this.#rules.get(rule),
    );
    const made = new Map(changed.map((rule) => [rule, this.#rules.get(rule)]));
    return {
      ok: true,
      undo: () => {
        for (const [rule, standing] of made) {
          // What has been changed since is somebody else's business.
          if (this.#rules.get(rule) !== standing) continue;
          const was = before.get(rule);
          if (was === undefined) this.#rules.delete(rule);
          else this.#rules.set(rule, was);
        }
      },
    };
  }

  #standing(rule: RuleId): Standing | undefined {
    const standing = this.#rules.get(rule);
    if (standing === undefined || standing.untilMs > this.#clock.nowMs()) return standing;
    this.#rules.delete(rule);
    return undefined;
  }

  #holds(agent: AgentId, award: AwardId): boolean {
    return this.#given.get(giverOf(award))?.get(award)?.has(agent) === true;
  }

  #holdsAny(agent: AgentId): boolean {
    return [...this.#given.values()].some((awards) =>
      [...awards.values()].some((holders) => holders.has(agent)),
    );
  }

  #forgetOld(awards: Map<string, Set<AgentId>>): void {
    if (awards.size <= MOST_AWARDS) return;
    const used = new Set<string>([...this.#rules.values()].map((each) => each.award));
    for (const award of [...awards.keys()]) {
      if (awards.size <= MOST_AWARDS) return;
      if (!used.has(award)) awards.delete(award);
    }
  }
}

const THERE = { orphaned: false, ownerGoneMs: Number.POSITIVE_INFINITY };

function isLeft({ ownerGoneMs }: Standing): boolean {
  return ownerGoneMs !== Number.POSITIVE_INFINITY;
}

/** The award that a command is only for the holder of. */
function awardWanted(command: PlaneCommand): AwardId | undefined {
  if (command.kind === 'adopt-rules') return command.toAward;
  if (command.kind === 'remove-rule' || command.kind === 'confirm-sources') return undefined;
  return command.award;
}

/** An award is called after the auction, and that after who held it: `a1.17`, taken over `a1.17/`. */
function giverOf(award: string): string {
  const dot = award.indexOf('.');
  return dot < 0 ? '' : award.slice(0, dot);
}

function isFamily(one: string, other: string): boolean {
  return one.replace(/\/+$/, '') === other.replace(/\/+$/, '');
}

function isOf(rule: RuleId, { owner, award }: Standing): string {
  return `${rule} is a rule of ${owner}, under award ${award}`;
}

function refused(reason: string): Judged {
  return { ok: false, reason };
}
