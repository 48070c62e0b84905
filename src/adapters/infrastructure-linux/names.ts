import { createHash } from 'node:crypto';

const hash = (...parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('\0')).digest('hex');

/** Names one infrastructure on this machine by the directory of its state: two of them share nothing. 8 hexadecimal digits. */
export const instanceOf = (stateDir: string): string => hash('instance', stateDir).slice(0, 8);

/** The unit's name where ids are too long: files and control groups. */
export const unitKey = (unit: string): string => hash('unit', unit).slice(0, 12);

export const chainKey = (chain: string): string => hash('chain', chain).slice(0, 12);

/** Virtual links are told apart by their service: those of two services never meet, whatever they are called. */
export const linkKey = (service: string, link: string): string => hash('link', service, link).slice(0, 10);

export const siteNamespace = (instance: string, site: string): string =>
  `muster-site-${instance}-${hash('site', site).slice(0, 6)}`;

/** What joins the sites: stands for the network between them. */
export const fabricNamespace = (instance: string): string => `muster-fabric-${instance}`;

/** Devices of the site: a bridge and a VXLAN for every virtual link, a port for every interface. At most 15 characters. */
export const bridgeOf = (link: string): string => `b${link}`;
export const vxlanOf = (link: string): string => `v${link}`;
export const portOf = (unit: string, interfaceName: string): string =>
  `p${hash('port', unit, interfaceName).slice(0, 10)}`;

/** Locally administered, and the same wherever the unit runs: those that know it need not learn it anew. */
export function macOf(unit: string, interfaceName: string): string {
  const digits = hash('mac', unit, interfaceName).slice(0, 10);
  return `02:${digits.match(/../g)?.join(':') ?? ''}`;
}

/** The name that an interface has inside: its own where Linux takes it. */
export function deviceOf(interfaceName: string, index: number): string {
  const fits = /^[A-Za-z][A-Za-z0-9_-]{0,14}$/.test(interfaceName) && interfaceName !== 'lo';
  return fits ? interfaceName : `vnic${index}`;
}

/** Where a search for something free begins, below `size`; the same for the same name. */
export const firstGuess = (kind: string, name: string, size: number): number =>
  Number.parseInt(hash(kind, name).slice(0, 12), 16) % size;

/** A user that nobody else has: from 2^30, beyond what accounts and containers are given. */
export const USER_BASE = 0x4000_0000;
export const USERS = 0x1000_0000;
