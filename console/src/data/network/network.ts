/** Of something of which there is only so much. */
export interface Share {
  readonly used: number;
  readonly total: number;
}

/** A unit of a service, or a function of the scenario. */
export interface Placed {
  readonly id: string;
  /** As a person calls it. */
  readonly name: string;
  /** Of a unit: the name of its service; undefined: it is a function that agents play. */
  readonly service: string | undefined;
  readonly host: string;
  /** What the auction was held for that has placed it. */
  readonly goal: string;
  readonly state: string;
  readonly vcpus: number;
  readonly memoryMib: number;
}

export interface NetworkAgent {
  readonly name: string;
  readonly host: string;
  /** As the ledger has it; undefined: agents of this run are not attested. */
  readonly trust: string | undefined;
  readonly roles: readonly string[];
}

export interface NetworkHost {
  readonly name: string;
  readonly site: string;
  readonly vcpus: Share;
  readonly memoryMib: Share;
  readonly placed: readonly Placed[];
  readonly agents: readonly NetworkAgent[];
}

export interface NetworkSite {
  readonly name: string;
  readonly hosts: readonly NetworkHost[];
  readonly switches: readonly string[];
  /** Where users and attackers come in. */
  readonly accessPoints: readonly string[];
  /** Its daemon does not answer. */
  readonly silent: boolean;
}

export interface NetworkLink {
  readonly id: string;
  readonly ends: readonly [string, string];
  readonly sites: readonly [string, string];
  /** Bytes/s; undefined: none is stated. */
  readonly capacity: number | undefined;
  /** Bytes/s that services have booked of it; undefined: it cannot be booked. */
  readonly booked: number | undefined;
  /** Whether what goes over it is counted. */
  readonly counted: boolean;
}

/** Everything that can be drawn, sites in their order. */
export interface Network {
  readonly sites: readonly NetworkSite[];
  readonly links: readonly NetworkLink[];
  readonly hostOf: ReadonlyMap<string, NetworkHost>;
}
