import { readlinkSync } from 'node:fs';
import type { Row } from '../row.ts';
import { copyOfProduct } from '../support/product-copy.ts';
import type { RunningPipeline } from '../support/running-pipeline.ts';
import { startPipeline } from '../support/running-pipeline.ts';
import type { Mapping } from '../support/tamper.ts';
import { mappingOf, readByte, writeByte } from '../support/tamper.ts';
import { eventually } from '../support/wait.ts';

/** Each agent's successor is started this long after the pipeline came up at the latest, s; the last of the eight is the last. */
const REBIRTH_S = 64;
/** For a successor to be attested and to take over. */
const TAKES_OVER_MS = 30_000;

const isNode = ({ name }: Mapping): boolean => name.endsWith('/node');

interface Place {
  readonly id: string;
  readonly attack: string;
  readonly did: string;
  /** One of the last to be reborn: every agent has passed rounds, with full hashes, before that. */
  readonly victim: string;
  at(pid: number): number;
}

/** Where no measurement reaches. */
const PLACES: readonly Place[] = [
  {
    id: 'heap',
    attack: 'a write to the heap',
    did: 'turned over one byte of the native heap of an agent',
    victim: 'a6',
    at: (pid) => mappingOf(pid, ({ name }) => name === '[heap]').end - 16,
  },
  {
    id: 'data',
    attack: 'a write to .data',
    did: 'turned over one byte of the writable data of node in an agent',
    victim: 'a7',
    at: (pid) => mappingOf(pid, (each) => each.rights === 'rw-p' && isNode(each)).end - 16,
  },
  {
    id: 'jit',
    attack: 'a write to JIT pages',
    did: 'turned over one byte at the end of a writable and executable page of V8',
    victim: 'a8',
    at: (pid) => mappingOf(pid, ({ rights, name }) => rights === 'rwxp' && name === '').end - 16,
  },
];

type Found = Pick<Row, 'outcome' | 'what' | 'excludedMs'>;

/** What nobody can see has an end all the same: the process that it is in. Whether it alters decisions is for other rows. */
export async function rebirthRows(): Promise<readonly Row[]> {
  const common = { attacker: 'root', expected: 'ended' as const };
  if (process.getuid?.() !== 0) {
    const what = 'skipped: needs root';
    return PLACES.map(({ id, attack, did }) => ({ id, attack, did, ...common, outcome: 'not tried', what }));
  }
  const sound = await run('rebirth', REBIRTH_S);
  const weak = await run('no-rebirth', 0);
  return PLACES.map(({ id, attack, did }, i) => {
    const without = weak.found[i];
    const row = { id, attack, did, ...common, ...(sound.found[i] ?? MISSED), control: sound.control };
    if (without === undefined) return row;
    const what = `agents that are never reborn: ${without.outcome}, ${without.what}`;
    return { ...row, withoutDefence: { did: what, asExpected: without.outcome === 'undetected' } };
  });
}

const MISSED = { outcome: 'not tried', what: 'it was not looked at' } as const;

async function run(name: string, rebirthS: number) {
  const pipeline = await startPipeline(name, { root: copyOfProduct(name, []), rebirthS });
  try {
    const found = await Promise.all(PLACES.map((place) => attacked(pipeline, place)));
    const { agents } = await pipeline.status();
    const others = agents.filter((each) => !PLACES.some(({ victim }) => victim === each.name));
    const reborn = others.filter(({ incarnation }) => incarnation === 2);
    const well = others.every(({ status }) => status === 'attested') && reborn.length === others.length;
    const ended = pipeline.entries.filter(({ fault }) => fault === 'agent-ended');
    return {
      found,
      control: {
        did: `${others.length} agents that nobody touched: ${reborn.length} were reborn too, ${ended.length === 0 ? 'none ended otherwise' : `${ended.length} ended otherwise`}`,
        asExpected: well && ended.length === 0,
      },
    };
  } finally {
    await pipeline.stop();
  }
}

async function attacked(pipeline: RunningPipeline, { victim, at }: Place): Promise<Found> {
  const { pid, incarnation } = await pipeline.agent(victim);
  const seen = pipeline.entries.length;
  const startMs = performance.now();
  const address = at(pid);
  const changed = readByte(pid, address) ^ 0xff;
  writeByte(pid, address, changed);
  const gone = await eventually(() => (isThere(pid) ? undefined : true), REBIRTH_S * 1000 + TAKES_OVER_MS);
  const endedMs = performance.now() - startMs;
  const own = pipeline.entries.slice(seen).filter(({ subject }) => subject === victim);
  const passed = own.filter(({ event }) => event === 'RoundPassed').length;
  const noticed = own.find(({ fault, event }) => fault === 'agent-ended' || event === 'Revoked');
  if (noticed !== undefined) return { outcome: 'detected', what: noticed.reason };
  const measured = `it passed ${passed} rounds, each with a full hash, and nothing was noticed`;
  if (gone === undefined) {
    const still = readByte(pid, address) === changed ? 'is there' : 'was written over by the program itself';
    return { outcome: 'undetected', what: `${measured}; after ${REBIRTH_S} s the change ${still}` };
  }
  // Its process is gone; who acts in its place is told a moment later.
  const now = await eventually(async () => {
    const agent = await pipeline.agent(victim);
    return agent.pid === pid ? undefined : agent;
  }, TAKES_OVER_MS);
  const what = `${measured}; then its successor was started from measured bytes, attested beside it, and took over (incarnation ${incarnation} to ${now?.incarnation ?? 'none'})`;
  return { outcome: now === undefined ? 'undetected' : 'ended', what, excludedMs: endedMs };
}

function isThere(pid: number): boolean {
  try {
    readlinkSync(`/proc/${pid}/exe`);
    return true;
  } catch {
    return false;
  }
}
