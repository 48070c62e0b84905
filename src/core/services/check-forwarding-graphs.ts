import { suggestName } from '../problems/nearest-name.ts';
import { showText } from '../problems/problem.ts';
import { type Cursor, each, named, texts } from './cursor.ts';
import { isIpv4 } from './is-ipv4.ts';
import { type PackageFinding, refused } from './package-finding.ts';
import type { PointsOf } from './points-of.ts';
import { dangling, duplicates, idsOf } from './references.ts';

/** Forwarding graphs: their members, their steps with connection points, and what flows they match. */
export function checkForwardingGraphs(nsd: Cursor, pointsOf: PointsOf): readonly PackageFinding[] {
  const graphs = each(nsd, 'vnffgd');
  return [...duplicates(graphs, 'vnffgd'), ...graphs.flatMap((graph) => checkGraph(nsd, graph, pointsOf))];
}

function checkGraph(nsd: Cursor, graph: Cursor, pointsOf: PointsOf): readonly PackageFinding[] {
  const profiles = each(nsd, 'df', 'vnf-profile');
  const members = idsOf(profiles);
  const listed = texts(graph, 'vnf-profile-id');
  const positions = each(graph, 'nfpd', 'position-desc-id');
  const steps = each(graph, 'nfpd', 'position-desc-id', 'cp-profile-id', 'constituent-profile-elements');
  return [
    ...dangling(listed, members, 'vnf-profile of df', 'forwarding-graph'),
    ...duplicates(each(graph, 'nfpd'), 'nfpd'),
    ...duplicates(each(graph, 'nfp-position-element'), 'nfp-position-element'),
    ...dangling(
      positions.flatMap((position) => texts(position, 'nfp-position-element-id')),
      idsOf(each(graph, 'nfp-position-element')),
      'nfp-position-element',
      'forwarding-graph',
    ),
    ...steps.flatMap((step) =>
      checkStep(
        step,
        members,
        listed.map(({ text }) => text),
        profiles,
        pointsOf,
      ),
    ),
    ...each(graph, 'nfpd').flatMap(sameOrder),
    ...positions.flatMap((position) =>
      each(position, 'match-attributes').flatMap((match) => checkMatch(match, profiles)),
    ),
  ];
}

function checkStep(
  step: Cursor,
  members: readonly string[],
  listed: readonly string[],
  profiles: readonly Cursor[],
  pointsOf: PointsOf,
): readonly PackageFinding[] {
  const member = named(step, 'constituent-base-element-id');
  if (member === undefined) return [];
  if (!members.includes(member.text)) {
    return dangling([member], members, 'vnf-profile of df', 'forwarding-graph');
  }
  const stranger = dangling([member], listed, 'vnf-profile-id of this graph', 'forwarding-graph');
  const profile = profiles.find((one) => named(one, 'id')?.text === member.text);
  const vnfd = profile === undefined ? undefined : named(profile, 'vnfd-id');
  const points = vnfd === undefined ? undefined : pointsOf(vnfd.text);
  // Where the VNFD is absent its member is warned of as a whole.
  if (vnfd === undefined || points === undefined) return stranger;
  return [
    ...stranger,
    ...dangling(
      [named(step, 'ingress-constituent-cpd-id'), named(step, 'egress-constituent-cpd-id')],
      points,
      `ext-cpd of \`${showText(vnfd.text)}\``,
      'forwarding-graph',
    ),
  ];
}

/** Two steps of one profile with the same order: nobody could say which comes first. */
function sameOrder(path: Cursor): readonly PackageFinding[] {
  return each(path, 'position-desc-id', 'cp-profile-id').flatMap((profile) => {
    const seen = new Set<number>();
    return each(profile, 'constituent-profile-elements').flatMap((step) => {
      const order = named(step, 'order');
      if (order === undefined) return [];
      const twice = seen.has(Number(order.text));
      seen.add(Number(order.text));
      if (!twice) return [];
      const message = `two steps of this path have the order ${showText(order.text)}`;
      return [
        refused('forwarding-graph', { path: order.path, message, mend: 'count the steps 0, 1, 2, ...' }),
      ];
    });
  });
}

function checkMatch(match: Cursor, profiles: readonly Cursor[]): readonly PackageFinding[] {
  const source = named(match, 'source-ip-address');
  const destination = named(match, 'destination-ip-address');
  const from = named(match, 'constituent-base-element-id');
  const addresses = profiles.flatMap((profile) =>
    each(profile, 'virtual-link-connectivity', 'constituent-cpd-id').flatMap((point) => {
      const address = named(point, 'ip-address');
      return address === undefined
        ? []
        : [{ address: address.text, member: named(profile, 'id')?.text ?? '' }];
    }),
  );
  const known = [...new Set(addresses.map(({ address }) => address))];
  const found: PackageFinding[] = [];
  const add = (path: PackageFinding['path'], message: string, mend: string) =>
    found.push(refused('forwarding-graph', { path, message, mend }));
  for (const end of [source, destination]) {
    if (end === undefined) continue;
    if (!isIpv4(end.text))
      add(end.path, `\`${showText(end.text)}\` is not an IPv4 address`, 'write it as 10.0.0.1');
    else if (!known.includes(end.text)) {
      const message = `no connection point of this service has the address ${end.text}`;
      add(end.path, message, suggestName(end.text, known, 'an ip-address of a constituent-cpd-id'));
    }
  }
  if (source !== undefined && source.text === destination?.text) {
    const message = 'source and destination are the same address';
    add(destination.path, message, 'match what goes from one member to another');
  }
  const members = idsOf(profiles);
  if (from !== undefined && !members.includes(from.text)) {
    found.push(...dangling([from], members, 'vnf-profile of df', 'forwarding-graph'));
  } else if (from !== undefined && source !== undefined) {
    const owner = addresses.find(({ address }) => address === source.text)?.member;
    if (owner !== undefined && owner !== from.text) {
      const message = `${showText(source.text)} is an address of \`${showText(owner)}\`, not of \`${showText(from.text)}\``;
      add(from.path, message, `use \`${showText(owner)}\`, or another source-ip-address`);
    }
  }
  return found;
}
