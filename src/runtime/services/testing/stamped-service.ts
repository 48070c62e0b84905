import { randomBytes } from 'node:crypto';

const SERVER = '10.23.0.10:80';
const BEFORE = ['first', 'second', 'third'] as const;

interface Member {
  readonly parameters?: Readonly<Record<string, string>>;
  readonly sites?: string[];
}

/** The catalogue's chain of three functions before a web server, each with a key of its own, drawn anew. */
export interface StampedService {
  /** What is applied; the packages are `stampedPackages`. */
  readonly file: {
    readonly name: string;
    readonly nsd: string;
    readonly members: Readonly<Record<string, Member>>;
  };
  /** For the action of its visitor that asks until the stamps of all are right, both ways. */
  readonly probe: {
    readonly vnf: string;
    readonly primitive: string;
    readonly parameters: Readonly<Record<string, string>>;
    readonly timeoutMs: number;
  };
}

const catalogue = new URL('../../../../catalogue/', import.meta.url).pathname;
export const stampedPackages = ['stamped-web_ns', 'client_vnf', 'stamper_vnf', 'web-server_vnf'].map(
  (name) => `${catalogue}${name}`,
);

/** `sites`: where its visitor, its three functions and its server have to be, in turn; none: anywhere. */
export function stampedService(name: string, sites: readonly string[] = []): StampedService {
  const at = (member: number): Pick<Member, 'sites'> => {
    const site = sites[member % Math.max(1, sites.length)];
    return site === undefined ? {} : { sites: [site] };
  };
  const keys = new Map([...BEFORE, 'web'].map((each) => [each, randomBytes(32).toString('hex')]));
  const pair = (each: string) => `${each}=${keys.get(each) ?? ''}`;
  const before = BEFORE.map(pair).join(',');
  const stamper = (each: string, member: number) => ({
    ...at(member),
    parameters: { 'stamp-key': pair(each), 'stamp-destination': SERVER },
  });
  return {
    file: {
      name,
      nsd: 'stamped-web',
      members: {
        visitor: at(0),
        first: stamper('first', 1),
        second: stamper('second', 2),
        third: stamper('third', 3),
        web: { ...at(4), parameters: { 'stamp-key': pair('web'), 'stamp-verify': before } },
      },
    },
    probe: {
      vnf: 'visitor',
      primitive: 'probe-until',
      parameters: { server: SERVER, 'stamp-verify': `${before},${pair('web')}`, 'within-ms': '10000' },
      timeoutMs: 15_000,
    },
  };
}
