import type { NodeName } from '../../protocol/ids.ts';
import type { OsmNsRequest } from '../../protocol/osm/ns-requests.ts';
import type { InstantiateRequest } from '../../protocol/service-requests.ts';
import type { KeyValuePairs } from '../../protocol/sol005/common.ts';
import { findRecord, storedDescriptor } from '../../runtime/packages/stored-packages.ts';
import type { Northbound } from '../northbound.ts';
import { sitesOf } from './vim-accounts.ts';

/** What OSM's `ns-create` asks for, in our words: a VIM account for the whole service is one for each of its members. */
export async function instantiateFromOsm(
  to: Northbound,
  nsd: string,
  request: OsmNsRequest,
): Promise<InstantiateRequest> {
  const members: Record<string, { sites?: NodeName[]; parameters?: KeyValuePairs }> = {};
  const sites = sitesOf(to, request.vimAccountId);
  if (sites !== undefined) for (const member of await membersOf(to, nsd)) members[member] = { sites };
  for (const { 'member-vnf-index': member, vimAccountId } of request.vnf ?? []) {
    const own = vimAccountId === undefined ? sites : sitesOf(to, vimAccountId);
    members[member] = own === undefined ? {} : { sites: own };
  }
  for (const { 'member-vnf-index': member, additionalParams } of request.additionalParamsForVnf ?? []) {
    if (additionalParams !== undefined)
      members[member] = { ...members[member], parameters: additionalParams };
  }
  return {
    ...(request.additionalParamsForNs === undefined ? {} : { parameters: request.additionalParamsForNs }),
    ...(Object.keys(members).length === 0 ? {} : { members }),
  };
}

async function membersOf({ packages }: Northbound, nsd: string): Promise<readonly string[]> {
  const view = await packages.view();
  const record = await findRecord(view, 'nsd', nsd);
  const descriptor = record === undefined ? undefined : await storedDescriptor(view, record);
  return descriptor?.kind === 'nsd' ? (descriptor.flavours[0]?.members.map(({ id }) => id) ?? []) : [];
}
