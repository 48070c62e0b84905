import type { DataPlane } from '../../ports/data-plane.ts';
import type { Infrastructure } from '../../ports/infrastructure.ts';
import type { LinkId } from '../../protocol/ids.ts';
import type { NetworkCounters } from '../../protocol/network-counters.ts';
import { inTime } from '../in-time.ts';

/** Nobody looks more often than this, however many look: on Linux every reading starts programs. */
const FRESH_MS = 500;
const READ_WITHIN_MS = 2000;

export interface CounterSources {
  /** Undefined: it is not built yet. */
  plane(): DataPlane | undefined;
  /** Undefined: nobody manages services here, or they are not started yet. */
  infrastructure(): Pick<Infrastructure, 'list' | 'usage'> | undefined;
  /** On the clock of the network. */
  nowMs(): number;
}

/** Reads the counters of the data plane and of units, once for all who ask at the same time. */
export class CounterReader {
  readonly #sources: CounterSources;
  #last: { readonly atMs: number; readonly counters: Promise<NetworkCounters> } | undefined;

  constructor(sources: CounterSources) {
    this.#sources = sources;
  }

  /** As they were at most half a second ago. What does not answer within two seconds is left out. */
  read(): Promise<NetworkCounters> {
    const nowMs = this.#sources.nowMs();
    if (this.#last === undefined || nowMs - this.#last.atMs >= FRESH_MS || nowMs < this.#last.atMs) {
      this.#last = { atMs: nowMs, counters: this.#readNow() };
    }
    return this.#last.counters;
  }

  async #readNow(): Promise<NetworkCounters> {
    const { plane, infrastructure, nowMs } = this.#sources;
    const there = plane();
    const [links, units] = await Promise.all([
      Promise.all((there?.guardedLinks() ?? []).map((link) => loadOf(there, link))),
      usageOf(infrastructure()),
    ]);
    return { tMs: nowMs(), links: links.flatMap((each) => each ?? []), units };
  }
}

type LinkCounters = NetworkCounters['links'][number];

function loadOf(plane: DataPlane | undefined, link: LinkId): Promise<LinkCounters | undefined> {
  return inTime(
    new Promise((resolve) => {
      plane?.measure({ kind: 'link-load', link }, (outcome) => {
        if (!outcome.ok || outcome.value.kind !== 'link-load') return resolve(undefined);
        const { kind, ...counters } = outcome.value;
        resolve({ link, ...counters });
      });
    }),
    undefined,
    READ_WITHIN_MS,
  );
}

async function usageOf(
  infrastructure: Pick<Infrastructure, 'list' | 'usage'> | undefined,
): Promise<NetworkCounters['units']> {
  if (infrastructure === undefined) return [];
  const running = await inTime(
    infrastructure.list().catch(() => []),
    [],
    READ_WITHIN_MS,
  );
  const read = running.map(({ id }) =>
    inTime(
      infrastructure.usage(id).catch(() => undefined),
      undefined,
      READ_WITHIN_MS,
    ),
  );
  return (await Promise.all(read)).flatMap((each) => {
    if (each === undefined) return [];
    const { id, cpuSeconds, memoryMib, receivedBytes, sentBytes } = each;
    return [{ id, cpuSeconds, memoryMib, receivedBytes, sentBytes }];
  });
}
