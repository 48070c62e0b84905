import { describe, expect, test } from 'vitest';
import { reasons, WALL } from '../../runtime/services/testing/planned.ts';
import { functionVnfd, shopNsd } from '../../runtime/services/testing/shop-packages.ts';

describe('chains that cannot be', () => {
  const HTTP = '{ id: http, ip-proto: 6, destination-ip-address: 10.9.0.2, destination-port: 80 }\n';
  const HTTPS = '{ id: https, ip-proto: 6, destination-ip-address: 10.9.0.2, destination-port: 443 }';
  const shop = (change: (nsd: string) => string) => [
    WALL,
    functionVnfd('web'),
    change(shopNsd('wall', 'web')),
  ];
  const of = (change: (nsd: string) => string) => reasons(shop(change));

  test('a hop whose interface is joined to nothing, with what else is wrong', () => {
    const unjoined = shop((nsd) =>
      nsd.replace(/^.*virtual-link-profile-id: data.*constituent-base-element-id: wall,.*$/m, ''),
    );
    expect(reasons(unjoined, { members: { wep: {} } }, (image) => image !== 'web-image')).toEqual([
      'member wep: the NSD has no such member',
      'member web, VDU vm: no program is mapped to its image web-image',
      'forwarding path path, member wall: the interface eth1 of its VDU vm is joined to no virtual link',
    ]);
  });

  test('hops that are not on one virtual link', () => {
    const ends = (nsd: string) =>
      nsd.replace(
        'constituent-base-element-id: wall, ingress-constituent-cpd-id: data-ext, egress-constituent-cpd-id: data-ext',
        'constituent-base-element-id: wall, ingress-constituent-cpd-id: data-ext, egress-constituent-cpd-id: mgmt-ext',
      );
    expect(of(ends)).toEqual([
      'forwarding path path: wall sends to the virtual link mgmt, and web listens at data',
    ]);
  });

  test('a unit that is in it twice', () => {
    expect(
      of((nsd) =>
        nsd.replaceAll(
          'order: 1, constituent-base-element-id: web',
          'order: 1, constituent-base-element-id: wall',
        ),
      ),
    ).toEqual(['forwarding path path: the VDU vm of wall is in it twice']);
  });

  test('flows whose directions cannot be told apart, each by itself', () => {
    const vague = (nsd: string) =>
      nsd
        .replace(HTTP, '{ id: http, ip-proto: 6 }\n')
        .replace(HTTPS, '{ id: dns, source-port: 53, destination-port: 53 }');
    expect(of(vague)).toEqual([
      'forwarding path path: the two directions of flows http cannot be told apart',
      'forwarding path path: the two directions of flows dns cannot be told apart',
    ]);
    expect(of((nsd) => nsd.replace(/ +match-attributes:\n.*\n.*\n/, ''))).toEqual([
      'forwarding path path: it names no flows: what goes could not be told from what comes back',
    ]);
  });

  test('flows from a member have its address, where it is on a network that carries data', () => {
    const from = (match: string) => (nsd: string) => nsd.replace(HTTP, `${match}\n`);
    expect(of(from('{ id: http, constituent-base-element-id: wall }'))).toEqual([]);
    expect(
      of(from('{ id: http, constituent-base-element-id: web, destination-ip-address: 10.9.0.2 }')),
    ).toEqual(['forwarding path path: the two directions of flows http cannot be told apart']);
    const managed = (nsd: string) =>
      from('{ id: http, constituent-base-element-id: wall }')(nsd).replace(
        '{ id: data }',
        '{ id: data, mgmt-network: true }',
      );
    expect(of(managed)).toEqual([
      'forwarding path path: flows http come from wall, which is on no virtual link that carries data',
    ]);
  });
});
