import { join } from 'node:path';
import type { SiteAddress } from '../../protocol/peer-site.ts';

/** Where a site's daemon lives, and where it listens for those of other sites. */
export interface SitePlace {
  readonly listen: SiteAddress;
  /** File of the network namespace of its own; undefined: it lives in that of the machine. */
  readonly networkOf?: string;
}

/** What joins the daemons of a pipeline's sites. */
export interface SiteNetwork {
  /** Of a site that has joined. */
  placeOf(site: string): SitePlace;
  /** Makes room for one more site, and lets all others reach it. Throws MusterError; nothing of it is left then. */
  join(site: string): Promise<void>;
  /** Resolves with what it is, in words, once it has been shown to carry what it should. Throws MusterError when it does not. */
  proven(): Promise<string>;
  /** Leaves nothing behind. */
  close(): Promise<void>;
}

/** Unix sockets in a directory that only daemons can reach; `because`: why it is not a network, in words. */
export function localSockets(directory: string, because: string): SiteNetwork {
  return {
    placeOf: (site) => ({ listen: { path: join(directory, `${site}.sock`) } }),
    join: async () => {},
    proven: async () => `over local sockets, since ${because}`,
    close: async () => {},
  };
}
