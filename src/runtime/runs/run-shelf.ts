import { join } from 'node:path';
import { MusterError } from '../../protocol/errors.ts';
import type { RunDetail, RunId, RunOrder, RunView } from '../../protocol/run-view.ts';
import { RunIdSchema } from '../../protocol/run-view.ts';
import { readPlacing, readReport, readScenario } from '../run-files.ts';
import { findScenario } from '../scenario/find-scenario.ts';
import { isRecorded, recordedEntries, recordedRuns } from './recorded-runs.ts';
import { RunProcess } from './run-process.ts';

/** Those that have ended are kept until there are more: they say why they failed. */
const MOST_KEPT = 20;

export interface RunShelfOptions {
  /** Where runs are recorded, each in a directory of its own. */
  readonly directory: string;
  /** The command line of Muster. */
  readonly command: readonly [string, ...string[]];
  /** The only one that is shown; absent: all are. */
  readonly only?: RunId;
  /** ms since 1970. */
  nowMs(): number;
}

/** What tells of a run as it goes on. */
export interface RunEntries {
  /** Of its journal: another one when it is run again, and once it is recorded. */
  readonly life: string;
  readonly texts: readonly string[];
  /** Absent: it has ended. */
  readonly growing?: RunProcess;
}

interface Started {
  readonly id: RunId;
  readonly order: RunOrder;
  readonly process: RunProcess;
  readonly atMs: number;
}

/** Runs of scenarios: those that are recorded, and the one that has been started here and is on. */
export class RunShelf {
  readonly #options: RunShelfOptions;
  readonly #started = new Map<RunId, Started>();

  constructor(options: RunShelfOptions) {
    this.#options = options;
  }

  async list(): Promise<readonly RunView[]> {
    const { directory, only } = this.#options;
    const recorded = (await recordedRuns(directory)).filter(({ id }) => only === undefined || id === only);
    const known = new Set(recorded.map(({ id }) => id));
    const own = [...this.#started.values()].filter(
      ({ id, process: { state } }) => state === 'running' || (state !== 'done' && !known.has(id)),
    );
    return [
      ...own.map(viewOfStarted).reverse(),
      ...recorded
        .filter(({ id }) => !own.some((each) => each.id === id))
        .map(({ id, report, writtenMs }): RunView => {
          const { scenario, plane, seed, defence, expectations } = report;
          const met = expectations.filter((each) => each.met).length;
          const verdict = { met, of: expectations.length };
          return {
            ...{ id, scenario, plane, seed, defence, state: 'done', atMs: writtenMs },
            expectations: verdict,
            note: `${met} of ${expectations.length} as expected${this.#sinceThen(id)}`,
          };
        }),
    ];
  }

  /** @throws CONFLICT while another is on. */
  start(order: RunOrder): RunView {
    const other = [...this.#started.values()].find(({ process }) => process.state === 'running');
    if (other !== undefined) {
      throw new MusterError('CONFLICT', `${other.id} is running, and one run at a time is`, {
        hint: 'stop it, or wait until it has ended',
      });
    }
    const { scenario, plane, seed, defence, genuine } = order;
    const { directory, command, nowMs } = this.#options;
    const kind = `${plane}${genuine ? '-genuine' : ''}${defence === 'off' ? '-off' : ''}`;
    const id = RunIdSchema.parse(`${scenario}-${kind}-${seed}`);
    this.#started.delete(id);
    const process = new RunProcess({ order, dir: join(directory, id), command });
    const started: Started = { id, order, process, atMs: nowMs() };
    this.#started.set(id, started);
    const [oldest] = this.#started.keys();
    if (this.#started.size > MOST_KEPT && oldest !== undefined) this.#started.delete(oldest);
    return viewOfStarted(started);
  }

  /** @throws NOT_FOUND. */
  async detail(id: RunId): Promise<RunDetail> {
    const run = (await this.list()).find((each) => each.id === id);
    if (run === undefined) throw unknownRun(id);
    if (run.state !== 'done') {
      const traffic = this.#started.get(id)?.process.samples ?? [];
      // What it was started with is one of those that come with Muster.
      const scenario = await findScenario(run.scenario).catch(() => null);
      return { run, scenario, substrate: null, report: null, traffic: [...traffic] };
    }
    const dir = join(this.#options.directory, id);
    const [scenario, report, placing] = await Promise.all([
      readScenario(dir),
      readReport(dir),
      readPlacing(dir),
    ]);
    const substrate = placing?.substrate ?? null;
    return { run, scenario, substrate, report, traffic: report.traffic.series.map(withoutGoodput) };
  }

  /** @throws NOT_FOUND, BAD_FILE. */
  async entries(id: RunId): Promise<RunEntries> {
    const { process, atMs = 0 } = this.#started.get(id) ?? {};
    if (process !== undefined && process.state !== 'done' && !(await this.gaveWay(id))) {
      const [life, texts] = [atMs.toString(36), process.entries];
      return process.state === 'running' ? { life, texts, growing: process } : { life, texts };
    }
    const { directory, only } = this.#options;
    if (only !== undefined && only !== id) throw unknownRun(id);
    return { life: 'recorded', texts: await recordedEntries(directory, id) };
  }

  /** Whether what was started here has ended without a record, and there is an earlier one under its name: that is what is shown. */
  async gaveWay(id: RunId): Promise<boolean> {
    const state = this.#started.get(id)?.process.state;
    return (state === 'stopped' || state === 'failed') && isRecorded(this.#options.directory, id);
  }

  /** What came of running it again, where that left its record as it was. */
  #sinceThen(id: RunId): string {
    const { state, note } = this.#started.get(id)?.process ?? {};
    if (state === 'stopped') return '; begun again since then, and stopped';
    return state === 'failed' ? `; begun again since then, which failed: ${note}` : '';
  }

  /** @throws NOT_FOUND when it is not running here. */
  async stop(id: RunId): Promise<void> {
    const process = this.#started.get(id)?.process;
    if (process?.state !== 'running') throw unknownRun(id);
    await process.stop();
  }

  /** Nothing that was started here is left. */
  async close(): Promise<void> {
    await Promise.all([...this.#started.values()].map(({ process }) => process.stop()));
  }
}

function viewOfStarted({ id, order, process, atMs }: Started): RunView {
  const { scenario, plane, seed, defence } = order;
  const { state, note } = process;
  return { id, scenario, plane, seed, defence, state, atMs, expectations: null, note };
}

function withoutGoodput({
  goodput: _,
  ...sample
}: { readonly goodput: number } & RunDetail['traffic'][number]) {
  return sample;
}

function unknownRun(id: RunId): MusterError {
  return new MusterError('NOT_FOUND', `there is no run ${id} here`, { hint: 'GET /v1/runs lists them' });
}
