export interface PlacesOptions {
  /** How many may be connected. */
  readonly most: number;
  /** Who has asked nothing for so long has to make room, ms. */
  readonly idleMs: number;
  nowMs(): number;
}

/** Who is connected, and when each has asked something last. */
export interface Places<Connection> {
  /** Answers who has to go for it: one that has said nothing, longest first, then one that is idle, or else itself. */
  enter(connection: Connection): Connection | undefined;
  asked(connection: Connection): void;
  leave(connection: Connection): void;
}

/**
 * Connections cost their holder nothing: places must not go to whoever comes first and stays. Whoever asks now and then keeps its
 * own, and a newcomer that asks at once finds one, however many others only hold theirs.
 */
export function createPlaces<Connection>({ most, idleMs, nowMs }: PlacesOptions): Places<Connection> {
  const silent = new Set<Connection>();
  /** The one that has not asked for the longest comes first. */
  const asking = new Map<Connection, number>();
  const leave = (connection: Connection): boolean => silent.delete(connection) || asking.delete(connection);
  const whoGoes = (newcomer: Connection): Connection => {
    const [oldest = newcomer] = silent;
    const [idle] = asking;
    const isIdle = idle !== undefined && nowMs() - idle[1] >= idleMs;
    return oldest === newcomer && isIdle ? idle[0] : oldest;
  };
  return {
    enter: (connection) => {
      silent.add(connection);
      if (silent.size + asking.size <= most) return undefined;
      const goes = whoGoes(connection);
      leave(goes);
      return goes;
    },
    asked: (connection) => {
      // One that has gone keeps no place by what it has still said.
      if (leave(connection)) asking.set(connection, nowMs());
    },
    leave: (connection) => void leave(connection),
  };
}
