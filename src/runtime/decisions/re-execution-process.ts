import { getPriority } from 'node:os';
import type { SpawnedAgent } from '../../adapters/evidence-guard/spawn-agent.ts';
import { spawnAgent } from '../../adapters/evidence-guard/spawn-agent.ts';
import type { AgentSpec } from '../../ports/evidence-source.ts';
import type { DecisionFindings, FromReExecutor, ToReExecutor } from '../../protocol/decision-disclosure.ts';
import { FromReExecutorSchema } from '../../protocol/decision-disclosure.ts';
import { RE_EXECUTE } from '../agent-process/re-execute-argument.ts';
import { partsOf } from './disclose.ts';
import type { DecisionClaim } from './judge-disclosure.ts';

/** What a verifier knows of by itself: the bundle that decisions are executed again with. */
export interface ReferenceBundle {
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

export interface ReExecutionOptions {
  /** ms that one appraisal may take, the start of the process included. */
  readonly withinMs?: number;
  /** MiB of its heap. */
  readonly heapMb?: number;
  /** After so many appraisals the process is replaced. */
  readonly mostAppraisals?: number;
}

/** Found where the time was not enough: whether by what was disclosed or by the machine, who executes cannot tell. */
export const NOT_IN_TIME = 'its decisions could not be executed again in time';

const WITHIN_MS = 6000;
const HEAP_MB = 384;
const MOST_APPRAISALS = 100;
/** How much less urgent it is than the guard that asks: it looks at what was, beside agents that fight what is. */
const BEHIND = 5;
/** No agent's, so that none may signal or trace it. */
const USER = 65_000;

interface Running {
  readonly sha256: string;
  readonly process: SpawnedAgent;
  appraisals: number;
}

/**
 * Executes decisions again, one disclosure at a time, in a process of its own: the reference bundle under the permission model,
 * with no socket, no file and no key, bounded in time and memory, killed with this process. Nothing of what an agent discloses is
 * read outside of it. One that fails in any way is ended, and the next disclosure gets a new one.
 */
export class ReExecutionProcess {
  readonly #options: ReExecutionOptions;
  #running: Running | undefined;
  #requests = 0;
  #onMessage: (message: FromReExecutor | undefined) => void = () => {};
  #closed = false;

  constructor(options: ReExecutionOptions) {
    this.#options = options;
  }

  /** The pid of the process, where there is one now. */
  get pid(): number | undefined {
    return this.#running?.process.pid;
  }

  close(): void {
    this.#closed = true;
    this.#end();
  }

  /** Never throws: what cannot be executed is a finding. Only when the one before has been answered. */
  async appraise(
    bundle: ReferenceBundle,
    claim: DecisionClaim,
    packed: Uint8Array,
  ): Promise<DecisionFindings> {
    const { withinMs = WITHIN_MS, mostAppraisals = MOST_APPRAISALS } = this.#options;
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#end();
    }, withinMs);
    try {
      const running = await this.#process(bundle);
      if (late) throw new Error(NOT_IN_TIME);
      const findings = await this.#ask(running, claim, packed);
      running.appraisals++;
      // What has been given to it may have changed it.
      if (findings.reason !== undefined || running.appraisals >= mostAppraisals) this.#end();
      return findings;
    } catch (error) {
      this.#end();
      const why = error instanceof Error ? error.message : String(error);
      const reason = late ? NOT_IN_TIME : `its decisions could not be executed again: ${why}`.slice(0, 400);
      return { decisions: 0, executed: 0, reason };
    } finally {
      clearTimeout(timer);
    }
  }

  async #process({ bytes, sha256 }: ReferenceBundle): Promise<Running> {
    if (this.#closed) throw new Error('the verifier ends');
    if (this.#running?.sha256 === sha256) return this.#running;
    this.#end();
    const process = await spawnAgent(this.#spec(bytes), '', (line) => {
      this.#onMessage(FromReExecutorSchema.safeParse(line).data);
    });
    const running = { sha256, process, appraisals: 0 };
    this.#running = running;
    void process.ended.then(() => {
      if (this.#running !== running) return;
      this.#running = undefined;
      this.#onMessage(undefined);
    });
    if (this.#closed) this.#end();
    return running;
  }

  async #ask({ process }: Running, claim: DecisionClaim, packed: Uint8Array): Promise<DecisionFindings> {
    const request = ++this.#requests;
    const parts = partsOf(Buffer.from(packed).toString('base64'));
    for (const [index, part] of parts.entries()) {
      // One at a time: what lies unread is bounded.
      const taken = await this.#say(process, { kind: 'part', request, first: index === 0, part });
      if (taken.kind !== 'taken' || taken.request !== request) throw new Error('it does not take the parts');
    }
    const { config, head, settled, seed } = claim;
    const answer = await this.#say(process, { kind: 'appraise', request, config, head, settled, seed });
    if (answer.kind !== 'appraised' || answer.request !== request)
      throw new Error('it answers something else');
    return answer.findings;
  }

  #say(process: SpawnedAgent, message: ToReExecutor): Promise<FromReExecutor> {
    return new Promise((resolve, reject) => {
      this.#onMessage = (answer) => {
        this.#onMessage = () => {};
        if (answer === undefined) reject(new Error('the process has ended'));
        else resolve(answer);
      };
      if (!process.send(message)) this.#onMessage(undefined);
    });
  }

  #end(): void {
    const running = this.#running;
    this.#running = undefined;
    running?.process.kill('no longer needed');
    this.#onMessage(undefined);
  }

  #spec(bundle: Uint8Array): AgentSpec {
    const { heapMb = HEAP_MB } = this.#options;
    return {
      name: 'the re-executor',
      program: {
        kind: 'node',
        executable: process.execPath,
        major: Number(process.versions.node.split('.')[0]),
        flags: [`--max-old-space-size=${heapMb}`],
        bundle,
      },
      arguments: [RE_EXECUTE],
      priority: Math.min(19, getPriority() + BEHIND),
      environment: { TZ: 'UTC', LANG: 'C.UTF-8' },
      ...(process.getuid?.() === 0 ? { user: { uid: USER, gid: USER } } : {}),
      limits: { runtimeCode: 'v8', maxRuntimeCodeBytes: 256 * 1024 * 1024, maxThreads: 32 },
    };
  }
}
