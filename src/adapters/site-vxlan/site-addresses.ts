import type { Ipv4 } from '../../protocol/ids.ts';
import { ipv4 } from '../../protocol/ids.ts';

/** Of both networks; they exist in Muster's namespaces alone, so that they are in nobody's way. */
export const PREFIX_LENGTH = 16;
/** Sites are counted from 1 in 16 bits, without the last, which is the broadcast address. */
export const MOST_SITES = 65_534;

/** What a site is called on the wire. */
export interface SiteAddresses {
  /** In the pipeline's VXLAN. */
  readonly inner: Ipv4;
  readonly innerMac: string;
  /** In the underlay that carries it. */
  readonly outer: Ipv4;
  readonly outerMac: string;
}

/** A site that has joined. */
export interface VxlanSite {
  readonly site: string;
  /** Carries Muster's mark. */
  readonly namespace: string;
  readonly addresses: SiteAddresses;
  /** Of the switch between the sites, towards this one. */
  readonly port: string;
}

export function siteAddresses(number: number): SiteAddresses {
  if (!Number.isInteger(number) || number < 1 || number > MOST_SITES)
    throw new RangeError(`site number ${number} is not within 1 to ${MOST_SITES}`);
  const [high, low] = [number >> 8, number & 0xff];
  const hex = (byte: number) => byte.toString(16).padStart(2, '0');
  // Locally administered: nobody's hardware has such an address.
  const mac = (network: number) => `02:4d:00:${hex(network)}:${hex(high)}:${hex(low)}`;
  return {
    inner: ipv4(`10.78.${high}.${low}`),
    innerMac: mac(1),
    outer: ipv4(`10.79.${high}.${low}`),
    outerMac: mac(2),
  };
}
