import type { Node } from '@xyflow/react';
import type { NetworkHost, NetworkSite } from '../../data/network/network.ts';
import type { FlowHop } from './flows.ts';

/** How near one is: sites with counts, then their hosts, then what runs on them. */
export type Level = 0 | 1 | 2;

export type SiteNode = Node<
  {
    readonly site: NetworkSite;
    readonly level: Level;
    readonly inside: string;
    readonly hops: readonly FlowHop[];
  },
  'site'
>;
export type HostNode = Node<
  { readonly host: NetworkHost; readonly level: Level; readonly hops: readonly FlowHop[] },
  'host'
>;
export type JointNode = Node<{ readonly name: string; readonly kind: 'switch' | 'access' }, 'joint'>;

export type MapNode = SiteNode | HostNode | JointNode;
