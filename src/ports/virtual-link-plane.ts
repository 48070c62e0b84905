import type { LinkId } from '../protocol/ids.ts';
import type { DataPlane } from './data-plane.ts';

/** Where a unit is joined to a virtual link, and what the link that leads to it is called. */
export interface UnitPort {
  readonly link: LinkId;
  readonly unit: string;
  /** Of the unit (`UnitOrder.interfaces`). */
  readonly interface: string;
}

/** The virtual links of services as a data plane: of each port what goes to its unit is measured, limited and blocked. */
export interface VirtualLinkPlane extends DataPlane {
  /**
   * Guards these ports from now on, and no others: rules on those are gone. Calls come one after the other.
   * @returns the links that are guarded: ports of units that do not run are left out.
   */
  guard(ports: readonly UnitPort[]): Promise<readonly LinkId[]>;
  /** Takes every guard away. */
  close(): Promise<void>;
}
