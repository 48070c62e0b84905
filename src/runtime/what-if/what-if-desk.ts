import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MusterError } from '../../protocol/errors.ts';
import { type RunId, RunIdSchema } from '../../protocol/run-view.ts';
import {
  type WhatIfChange,
  type WhatIfOrder,
  type WhatIfView,
  WhatIfViewSchema,
} from '../../protocol/what-if.ts';
import { BESIDE_FILES } from '../run-files.ts';
import type { ForkOrder } from './fork.ts';
import { type WhatIfEnd, WhatIfProcess } from './what-if-process.ts';

/** Those that came to nothing are kept until there are more: they say why. */
const MOST_KEPT = 20;
/** Whoever may look may ask: they must not fill the disk. */
const MOST_RECORDED = 50;
/** What has no result by then was broken off with its process: the longest takes minutes. */
const ABANDONED_AFTER_MS = 3_600_000;
const NAME = /^what-if-(\d{1,9})$/;
const UNCHANGED = '-unchanged';

/** What can be forked. */
export interface ForkSource {
  /** @throws NOT_FOUND, NOT_SUPPORTED when there is nothing there that could be changed so. */
  check(change: WhatIfChange): Promise<void>;
  /** A picture of what is up, as of now. */
  take(change: WhatIfChange): Promise<ForkOrder['fork']>;
}

export interface WhatIfDeskOptions {
  readonly source: ForkSource;
  /** Where both runs are recorded, each in a directory of its own. */
  readonly directory: string;
  /** ms since 1970. */
  nowMs(): number;
}

interface Asked {
  view: WhatIfView;
  /** Undefined: the network is still being forked, or it is over. */
  process: WhatIfProcess | undefined;
  stopped: boolean;
  over: Promise<void>;
}

/** What-ifs that are asked here, one at a time, and those that are recorded. */
export class WhatIfDesk {
  readonly #options: WhatIfDeskOptions;
  readonly #asked = new Map<RunId, Asked>();
  #starting = false;

  constructor(options: WhatIfDeskOptions) {
    this.#options = options;
  }

  /** The newest first. */
  async list(): Promise<readonly WhatIfView[]> {
    const own = [...this.#asked.values()].map(({ view }) => view);
    const known = new Set(own.map(({ id }) => id));
    const names = (await this.#names()).filter((id) => !known.has(id)).slice(-MOST_RECORDED);
    const recorded = await Promise.all(names.map((id) => this.#recorded(id)));
    return [...own, ...recorded.flatMap((each) => each ?? [])].sort((a, b) => b.atMs - a.atMs);
  }

  /** @throws NOT_FOUND. */
  async detail(id: RunId): Promise<WhatIfView> {
    const view = this.#asked.get(id)?.view ?? (await this.#recorded(id));
    if (view === undefined) throw unknown(id);
    return view;
  }

  /** Forks what is up and runs it ahead. @throws CONFLICT while another is on, or too many are kept; NOT_FOUND, NOT_SUPPORTED. */
  async start(order: WhatIfOrder, by: string): Promise<WhatIfView> {
    const other = [...this.#asked.values()].find(({ view }) => view.state === 'running')?.view.id;
    if (this.#starting || other !== undefined) {
      throw new MusterError('CONFLICT', `${other ?? 'another what-if'} is running, and one at a time is`, {
        hint: 'stop it, or wait until it has ended',
      });
    }
    this.#starting = true;
    try {
      await this.#options.source.check(order.change);
      await this.#forgetAbandoned();
      const names = await this.#names();
      if (names.length >= MOST_RECORDED) {
        throw new MusterError('CONFLICT', `${names.length} what-ifs are kept, and no more can be`, {
          hint: `throw some away: muster what-if delete ${names[0]}`,
        });
      }
      const id = this.#nextId(names);
      const view: WhatIfView = {
        id,
        order,
        by,
        state: 'running',
        atMs: this.#options.nowMs(),
        progress: 0,
        note: 'what is up is being forked',
        result: null,
      };
      const asked: Asked = { view, process: undefined, stopped: false, over: Promise.resolve() };
      this.#asked.set(id, asked);
      asked.over = this.#run(asked);
      const [oldest] = this.#asked.keys();
      if (this.#asked.size > MOST_KEPT && oldest !== undefined) this.#asked.delete(oldest);
      return asked.view;
    } finally {
      this.#starting = false;
    }
  }

  /** It is over when this resolves, and nothing of it is recorded. @throws NOT_FOUND when it is not running. */
  async stop(id: RunId): Promise<void> {
    const asked = this.#asked.get(id);
    if (asked?.view.state !== 'running') throw unknown(id);
    asked.stopped = true;
    await asked.process?.stop();
    await asked.over;
  }

  /** Throws away what was recorded of it. @throws NOT_FOUND; CONFLICT while it runs. */
  async remove(id: RunId): Promise<void> {
    const { state } = await this.detail(id);
    if (state === 'running') {
      throw new MusterError('CONFLICT', `${id} is running`, { hint: 'stop it first' });
    }
    await this.#erase(id);
    this.#asked.delete(id);
  }

  async close(): Promise<void> {
    const running = [...this.#asked.values()].filter(({ view }) => view.state === 'running');
    await Promise.all(running.map(({ view }) => this.stop(view.id)));
  }

  async #run(asked: Asked): Promise<void> {
    const { source, directory } = this.#options;
    const { id, order } = asked.view;
    let end: WhatIfEnd;
    try {
      const fork = await source.take(order.change);
      if (asked.stopped) end = { kind: 'stopped' };
      else {
        asked.view = { ...asked.view, note: 'both forks are run ahead' };
        const runs = { unchanged: unchangedOf(id), changed: id };
        asked.process = new WhatIfProcess({
          order: { order, fork, directory, runs },
          onProgress: (progress) => {
            asked.view = { ...asked.view, progress };
          },
        });
        end = await asked.process.ended;
      }
    } catch (error) {
      end = { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
    }
    asked.process = undefined;
    if (end.kind === 'done') {
      const view: WhatIfView = {
        ...asked.view,
        state: 'done',
        progress: 1,
        note: 'it has ended',
        result: end.result,
      };
      try {
        const path = join(directory, id, BESIDE_FILES.whatIf);
        await writeFile(`${path}.part`, JSON.stringify(view));
        await rename(`${path}.part`, path);
        asked.view = view;
        return;
      } catch (error) {
        end = { kind: 'failed', reason: `it cannot be recorded: ${String(error)}` };
      }
    }
    await this.#erase(id);
    const note = end.kind === 'stopped' ? 'it was stopped, and nothing was recorded' : end.reason;
    asked.view = {
      ...asked.view,
      state: end.kind === 'stopped' ? 'stopped' : 'failed',
      note: note.slice(0, 2000),
    };
  }

  async #erase(id: RunId): Promise<void> {
    for (const name of [id, unchangedOf(id)])
      await rm(join(this.#options.directory, name), { recursive: true, force: true });
  }

  /** Those that have a directory, in the order in which they were asked. */
  async #names(): Promise<readonly RunId[]> {
    const found = await readdir(this.#options.directory).catch(() => []);
    const names = found.map((name) => (name.endsWith(UNCHANGED) ? name.slice(0, -UNCHANGED.length) : name));
    return [...new Set(names.filter((name) => NAME.test(name)))]
      .sort((a, b) => numberOf(a) - numberOf(b))
      .map((name) => RunIdSchema.parse(name));
  }

  /** What a process that was killed has left. */
  async #forgetAbandoned(): Promise<void> {
    const { directory, nowMs } = this.#options;
    for (const id of (await this.#names()).filter((each) => !this.#asked.has(each))) {
      const isRecorded = await stat(join(directory, id, BESIDE_FILES.whatIf)).catch(() => undefined);
      if (isRecorded !== undefined) continue;
      const left = await Promise.all(
        [id, unchangedOf(id)].map((name) => stat(join(directory, name)).catch(() => undefined)),
      );
      if (left.every((each) => (each?.mtimeMs ?? 0) < nowMs() - ABANDONED_AFTER_MS)) await this.#erase(id);
    }
  }

  #nextId(names: readonly RunId[]): RunId {
    const numbers = [...names, ...this.#asked.keys()].map(numberOf);
    return RunIdSchema.parse(`what-if-${Math.max(0, ...numbers) + 1}`);
  }

  /** Undefined: there is none of that name, or it cannot be read. */
  async #recorded(id: RunId): Promise<WhatIfView | undefined> {
    if (!NAME.test(id)) return undefined;
    const path = join(this.#options.directory, id, BESIDE_FILES.whatIf);
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    try {
      return WhatIfViewSchema.safeParse(JSON.parse(text)).data;
    } catch {
      return undefined;
    }
  }
}

function unchangedOf(id: RunId): RunId {
  return RunIdSchema.parse(`${id}${UNCHANGED}`);
}

function numberOf(name: string): number {
  return Number(NAME.exec(name)?.[1] ?? 0);
}

function unknown(id: RunId): MusterError {
  return new MusterError('NOT_FOUND', `there is no what-if ${id} here`, { hint: 'muster what-if list' });
}
