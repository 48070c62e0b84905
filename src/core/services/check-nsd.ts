import { showText } from '../problems/problem.ts';
import { checkForwardingGraphs } from './check-forwarding-graphs.ts';
import { type Cursor, child, each, named, texts } from './cursor.ts';
import { conflicting, type PackageFinding, refused, warned } from './package-finding.ts';
import type { PointsOf } from './points-of.ts';
import { dangling, duplicates, idsOf } from './references.ts';

/** Everything in an NSD that names something else, in it or in its VNFDs, has to find it. */
export function checkNsd(nsd: Cursor, pointsOf: PointsOf): readonly PackageFinding[] {
  return [...checkMembers(nsd, pointsOf), ...checkLinks(nsd), ...checkForwardingGraphs(nsd, pointsOf)];
}

function checkMembers(nsd: Cursor, pointsOf: PointsOf): readonly PackageFinding[] {
  const listed = texts(nsd, 'vnfd-id');
  const flavours = each(nsd, 'df');
  const absent = listed.flatMap((vnfd) => {
    if (pointsOf(vnfd.text) !== undefined) return [];
    const message = `the VNFD \`${showText(vnfd.text)}\` is not onboarded`;
    const mend = `onboard it first, or name its package in the same command`;
    return [conflicting('vnfd-absent', { path: vnfd.path, message, mend })];
  });
  return [
    ...twice(listed),
    ...absent,
    ...duplicates(flavours, 'deployment flavour'),
    ...flavours.flatMap((flavour) => {
      const profiles = each(flavour, 'vnf-profile');
      return [
        ...duplicates(profiles, 'vnf-profile'),
        ...dangling(
          profiles.map((profile) => named(profile, 'vnfd-id')),
          listed.map(({ text }) => text),
          'vnfd-id',
        ),
        ...dangling(
          each(flavour, 'vnf-profile').flatMap((profile) =>
            texts(profile, 'affinity-or-anti-affinity-group-id'),
          ),
          idsOf(each(flavour, 'affinity-or-anti-affinity-group')),
          'affinity-or-anti-affinity-group',
        ),
        ...profiles.flatMap((profile) => checkProfile(profile, pointsOf)),
      ];
    }),
  ];
}

/** What one member is joined by: its own connection points, those that its VNFD has. */
function checkProfile(profile: Cursor, pointsOf: PointsOf): readonly PackageFinding[] {
  const vnfd = named(profile, 'vnfd-id');
  const points = each(profile, 'virtual-link-connectivity', 'constituent-cpd-id');
  const own = named(profile, 'id');
  const strangers =
    own === undefined
      ? []
      : dangling(
          points.map((point) => named(point, 'constituent-base-element-id')),
          [own.text],
          'this vnf-profile',
        );
  const known = vnfd === undefined ? undefined : pointsOf(vnfd.text);
  if (vnfd === undefined || points.length === 0) return strangers;
  if (known === undefined) {
    const message = `the connection points of \`${showText(own?.text ?? vnfd.text)}\` are not checked: its VNFD \`${showText(vnfd.text)}\` is not there`;
    const mend = 'onboard the VNFD, then validate again';
    return [...strangers, warned('points-not-checked', { path: vnfd.path, message, mend })];
  }
  return [
    ...strangers,
    ...dangling(
      points.map((point) => named(point, 'constituent-cpd-id')),
      known,
      `ext-cpd of \`${showText(vnfd.text)}\``,
    ),
  ];
}

function checkLinks(nsd: Cursor): readonly PackageFinding[] {
  const links = each(nsd, 'virtual-link-desc');
  const known = idsOf(links);
  const managed = links.flatMap((link) =>
    named(link, 'mgmt-network')?.text.toLowerCase() === 'true' ? (named(link, 'id')?.text ?? []) : [],
  );
  return [
    ...duplicates(links, 'virtual-link-desc'),
    ...each(nsd, 'df').flatMap((flavour) => {
      const profiles = each(flavour, 'virtual-link-profile');
      return [
        ...duplicates(profiles, 'virtual-link-profile'),
        ...dangling(
          profiles.map((profile) => named(profile, 'virtual-link-desc-id')),
          known,
          'virtual-link-desc',
        ),
        // Many files name the virtual link itself where its profile should stand.
        ...dangling(
          each(flavour, 'vnf-profile', 'virtual-link-connectivity').map((one) =>
            named(one, 'virtual-link-profile-id'),
          ),
          [...idsOf(profiles), ...known],
          'virtual-link-profile or virtual-link-desc',
        ),
        ...profiles.flatMap((profile) => {
          const data = child(profile, 'virtual-link-protocol-data');
          const link = named(profile, 'virtual-link-desc-id');
          if (data === undefined || link === undefined || !managed.includes(link.text)) return [];
          const message = `\`${showText(link.text)}\` is the management network: its addresses are the site's`;
          const mend = 'remove virtual-link-protocol-data, or `mgmt-network: true` of the link';
          return [refused('schema', { path: data.path, at: 'key', message, mend })];
        }),
      ];
    }),
  ];
}

function twice(listed: readonly { readonly text: string; readonly path: PackageFinding['path'] }[]) {
  return listed.flatMap(({ text, path }, index) => {
    if (listed.findIndex((one) => one.text === text) === index) return [];
    const message = `\`${showText(text)}\` is in vnfd-id twice`;
    return [
      refused('duplicate', {
        path,
        message,
        mend: 'name each VNFD once; a member names it in its vnf-profile',
      }),
    ];
  });
}
