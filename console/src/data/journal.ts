import { GrowingIndex } from '../../../src/core/explain/journal-index.ts';
import type { JournalEntry, JournalKind } from '../../../src/protocol/journal.ts';
import { readEvents, type StreamEvent, StreamRefused } from './event-stream.ts';
import { sessionHasEnded } from './session-end.ts';

/** How the stream of a journal fares. */
export type StreamState = 'connecting' | 'live' | 'stale' | 'complete';

/** How often views are told at most: a person does not read faster. */
const TELL_EVERY_MS = 200;
/** While a long journal comes in, it is drawn no more often than this, ms. */
const DRAW_EVERY_MS = 1000;
/** The server says something at least every 5 s. */
const STALE_AFTER_MS = 12_000;
/** After a stream has ended, was cut off or refused. */
const ASK_AGAIN_MS = 1000;
/** Of a live journal as much is kept as Muster itself keeps; older entries are dropped when there are this many more. */
const MOST_ENTRIES = 200_000;

/** A journal as it comes in, indexed once; views ask it for what had been written by a position in it. */
export class Journal {
  readonly path: string;
  index = new GrowingIndex();
  state: StreamState = 'connecting';
  /** Entries that Muster had dropped before this browser asked. */
  dropped = 0;
  #byAgent = new Map<string, number[]>();
  #byKind = new Map<JournalKind, number[]>();
  #positions = new Map<string, number>();
  readonly #listeners = new Set<() => void>();
  #reading: AbortController | undefined;
  /** As the server names it, so that it can go on from there. */
  #lastId = '';
  #again: ReturnType<typeof setTimeout> | undefined;
  #version = 0;
  /** What was there already has come in: from now on it grows as things happen. */
  #caughtUp = false;
  #told = 0;
  #toldMs = Number.NEGATIVE_INFINITY;
  #telling: ReturnType<typeof setTimeout> | undefined;
  #stale: ReturnType<typeof setTimeout> | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** Changes whenever there is something new to show. */
  get version(): number {
    return this.#version;
  }

  get length(): number {
    return this.index.entries.length;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Positions of what an agent has written, ascending. */
  ofAgent(agent: string): readonly number[] {
    return this.#byAgent.get(agent) ?? [];
  }

  /** Positions of entries of a kind, ascending. */
  ofKind(kind: JournalKind): readonly number[] {
    return this.#byKind.get(kind) ?? [];
  }

  agents(): readonly string[] {
    return [...this.#byAgent.keys()].filter((name) => name !== 'muster');
  }

  positionOf(id: string): number | undefined {
    return this.#positions.get(id);
  }

  open(): void {
    document.addEventListener('visibilitychange', this.#onLook);
    this.#ask();
  }

  /** A browser has few connections to a server, and many windows: one that nobody looks at gives its own back. */
  readonly #onLook = (): void => {
    if (this.state === 'complete') return;
    this.#reading?.abort();
    clearTimeout(this.#again);
    if (!document.hidden) this.#ask();
  };

  #ask(): void {
    const reading = new AbortController();
    this.#reading = reading;
    const again = () => {
      if (reading.signal.aborted) return;
      this.#is('stale');
      this.#again = setTimeout(() => this.#ask(), ASK_AGAIN_MS);
    };
    const path = `${this.path}?batch=1&after=${this.#lastId || 0}`;
    readEvents(path, reading.signal, (event) => this.#hear(event)).then(again, (error: unknown) => {
      if (error instanceof StreamRefused && error.status === 401) sessionHasEnded();
      again();
    });
  }

  #hear({ name, data, id }: StreamEvent): void {
    if (id !== undefined) this.#lastId = id;
    if (name === 'message') this.#take(JSON.parse(data) as JournalEntry[]);
    else if (name === 'anew') this.#beginAnew();
    else if (name === 'dropped') {
      const { from, to } = JSON.parse(data) as { readonly from: number; readonly to: number };
      this.dropped += to - from + 1;
    } else if (name === 'here') {
      this.#caughtUp = true;
      this.#is('live');
      this.#tell();
    } else if (name === 'complete') {
      this.#reading?.abort();
      clearTimeout(this.#stale);
      this.#caughtUp = true;
      this.#is('complete');
      this.#tellNow();
    }
  }

  close(): void {
    document.removeEventListener('visibilitychange', this.#onLook);
    this.#reading?.abort();
    clearTimeout(this.#telling);
    clearTimeout(this.#stale);
    clearTimeout(this.#again);
  }

  #take(entries: readonly JournalEntry[]): void {
    for (const entry of entries) this.#add(entry);
    if (this.length > MOST_ENTRIES * 1.25) this.#forget();
    this.#is('live');
    // A long journal comes in faster than it is drawn: some of it is shown at once, then twice as much, and all.
    const isTime = performance.now() - this.#toldMs >= DRAW_EVERY_MS;
    if (this.#caughtUp || (isTime && this.length >= 2 * this.#told)) this.#tell();
  }

  #add(entry: JournalEntry): void {
    const position = this.length;
    this.index.add(entry);
    push(this.#byAgent, entry.agent, position);
    push(this.#byKind, entry.kind, position);
    if (!this.#positions.has(entry.id)) this.#positions.set(entry.id, position);
  }

  #forget(): void {
    const kept = this.index.entries.slice(-MOST_ENTRIES);
    this.dropped += this.length - kept.length;
    this.#clear();
    for (const entry of kept) this.#add(entry);
  }

  /** Muster was started again, and with it its journal: numbers and names of entries come a second time. */
  #beginAnew(): void {
    this.dropped = 0;
    this.#told = 0;
    this.#caughtUp = false;
    this.#clear();
    this.#tell();
  }

  #clear(): void {
    this.index = new GrowingIndex();
    this.#byAgent = new Map();
    this.#byKind = new Map();
    this.#positions = new Map();
  }

  #is(state: StreamState): void {
    if (this.state === 'complete') return;
    clearTimeout(this.#stale);
    if (state === 'live') this.#stale = setTimeout(() => this.#is('stale'), STALE_AFTER_MS);
    if (this.state === state) return;
    this.state = state;
    this.#tell();
  }

  #tell(): void {
    this.#telling ??= setTimeout(() => this.#tellNow(), TELL_EVERY_MS);
  }

  #tellNow(): void {
    clearTimeout(this.#telling);
    this.#telling = undefined;
    this.#told = this.length;
    this.#toldMs = performance.now();
    this.#version++;
    for (const listener of this.#listeners) listener();
  }
}

function push<K>(map: Map<K, number[]>, key: K, position: number): void {
  const held = map.get(key);
  if (held === undefined) map.set(key, [position]);
  else held.push(position);
}
