/** Time as the runtime sees it: real or virtual, nobody can tell. Times are ms since the scenario's start (may be negative). */
export interface Clock {
  nowMs(): number;
  /** Calls back once at or after `atMs`; callbacks due at the same time run in the order they were asked for. */
  at(atMs: number, callback: () => void): Timer;
}

export interface Timer {
  cancel(): void;
}
