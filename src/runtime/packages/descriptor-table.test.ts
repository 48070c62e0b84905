import { describe, expect, test } from 'vitest';
import { demandOfService } from '../../core/services/demand.ts';
import type { Vnfd } from '../../protocol/descriptors.ts';
import { NO_SITE_CONFIG } from '../../protocol/site-config.ts';
import { openPackage } from './examine-package.ts';
import { judgePackages } from './judge-packages.ts';
import { errorsOf, folder, judgeTexts, samplePath, sampleText, warningsOf } from './testing/sample-files.ts';

// Real descriptors of Open Source MANO, and what becomes of each.

const OLD = 'ERROR: Unsupported descriptor format. Please, use an ETSI SOL006 descriptor.';
const none: ReadonlyMap<string, Vnfd> = new Map();
const judge = async (...names: readonly string[]) =>
  judgePackages(await Promise.all(names.map((name) => openPackage(samplePath(name)))), none, NO_SITE_CONFIG);
const HACKFEST_VNFD = 'sol006/hackfest_3charmed_vnfd.yaml';
const HACKFEST_NSD = 'sol006/hackfest_3charmed_nsd.yaml';

test('the hackfest VNFD alone is accepted, and everything that will not go as it asks is told', async () => {
  const [result] = await judge(HACKFEST_VNFD);
  expect(result?.status).toBe(200);
  expect(result && warningsOf(result)).toEqual([
    ...['cloud-init-absent', 'image-not-mapped', 'webhooks-off', 'levels-capped', 'charm-not-run'],
    ...['parameters-needed', 'parameters-needed'],
  ]);
  expect(result?.descriptor).toMatchObject({
    id: 'hackfest3charmed-vnf',
    version: '1.0',
    managementPoint: 'vnf-mgmt-ext',
  });
});

test('its primitive touch fails with the reason, and its levels end where its instances do', async () => {
  const [result] = await judge(HACKFEST_VNFD);
  const vnfd = result?.descriptor;
  if (vnfd?.kind !== 'vnfd') throw new Error('no VNFD');
  const [flavour] = vnfd.flavours;
  const touch = flavour?.primitives.find(({ name, when }) => name === 'touch' && when === 'on-demand');
  expect(touch?.outcome).toEqual({
    state: 'FAILED',
    reason: 'touch is carried out by the juju charm simple, and Muster runs neither charms nor charts',
  });
  expect(touch?.parameters).toEqual([
    { name: 'filename', type: 'STRING', value: '<touch_filename2>', placeholders: ['touch_filename2'] },
  ]);
  expect(flavour?.scaling[0]).toMatchObject({
    askedMaxLevel: 10,
    maxLevel: 9,
    steps: [{ vdu: 'dataVM', instances: 1 }],
  });
  expect(flavour?.scaling[0]?.policies[0]).toMatchObject({
    cooldownMs: 60_000,
    criteria: [{ scaleOut: { operation: 'GE', threshold: 60 }, scaleIn: { operation: 'LE', threshold: 15 } }],
  });
  expect(flavour?.healing[0]).toMatchObject({
    vdu: 'dataVM',
    action: 'REDEPLOY_ONLY',
    cooldownMs: 180_000,
    day1: false,
  });
  expect(flavour?.primitives.map(({ seq, name }) => `${seq} ${name}`)).toEqual([
    '1 config',
    '2 touch',
    '0 touch',
  ]);
});

test('in a folder a cloud-init file that is named has to be there, and so has a charm', async () => {
  const text = sampleText(HACKFEST_VNFD);
  const lacking = folder({ 'hackfest_vnfd.yaml': text });
  const whole = folder({
    'hackfest_vnfd.yaml': text,
    'cloud_init/cloud-config.txt': '#cloud-config\n',
    'charms/simple/metadata.yaml': 'name: simple\n',
  });
  const [first, second] = judgePackages([lacking], none, NO_SITE_CONFIG).concat(
    judgePackages([whole], none, NO_SITE_CONFIG),
  );
  expect(first && errorsOf(first)).toEqual(['38 cloud-init-absent', '164 charm-absent']);
  expect(second?.status).toBe(200);
  expect(second && warningsOf(second)).not.toContain('cloud-init-absent');
});

test('the hackfest NSD without its VNFD is a conflict (409) that names the line', async () => {
  const [result] = await judge(HACKFEST_NSD);
  expect(result?.status).toBe(409);
  expect(result?.problems.filter(({ severity }) => severity === 'error')).toMatchObject([
    { line: 13, column: 9, path: 'nsd.nsd[0].vnfd-id[0]', status: 409, code: 'vnfd-absent' },
  ]);
});

test.each([[[HACKFEST_NSD, HACKFEST_VNFD]], [[HACKFEST_VNFD, HACKFEST_NSD]]])(
  'with it, in any order, it is accepted and needs 8 vCPU, 8 GiB and 80 GB: %j',
  async (names) => {
    const results = await judge(...names);
    expect(results.map(({ status }) => status)).toEqual([200, 200]);
    const nsd = results.find(({ kind }) => kind === 'nsd')?.descriptor;
    const vnfd = results.find(({ kind }) => kind === 'vnfd')?.descriptor;
    if (nsd?.kind !== 'nsd' || vnfd?.kind !== 'vnfd') throw new Error('no NSD with its VNFD');
    expect(demandOfService(nsd, new Map([[vnfd.id, vnfd]]))).toEqual({
      vcpus: 8,
      memoryMib: 8192,
      storageGb: 80,
    });
    // A profile of this file names the virtual-link-desc directly.
    expect(nsd.flavours[0]?.members[0]?.connections).toEqual([
      { point: 'vnf-mgmt-ext', link: 'mgmt', address: undefined },
      { point: 'vnf-data-ext', link: 'datanet', address: undefined },
    ]);
    expect(nsd.links.map(({ management }) => management)).toEqual([true, false]);
  },
);

describe('the NSD with a broken forwarding graph', () => {
  const small = (id: string) => `
vnfd:
  id: ${id}
  mgmt-cp: eth0-ext
  vdu: [{ id: a, virtual-compute-desc: c, int-cpd: [{ id: eth0 }, { id: eth1 }] }]
  virtual-compute-desc: [{ id: c }]
  ext-cpd:
    - { id: eth0-ext, int-cpd: { vdu-id: a, cpd: eth0 } }
    - { id: vnf-cp0-ext, int-cpd: { vdu-id: a, cpd: eth1 } }
  df: [{ id: d }]
`;
  const three = ['21 forwarding-graph', '31 forwarding-graph', '65 reference'];

  test('is wrong (422) in three places, and its connection points are not checked without the VNFDs', async () => {
    const [result] = await judge('sol006/cirros_vnffg_nsd.yaml');
    expect(result?.status).toBe(422);
    expect(result && errorsOf(result)).toEqual(['12 vnfd-absent', ...three]);
    const unchecked = result?.problems.filter(({ code }) => code === 'points-not-checked') ?? [];
    expect(unchecked.map(({ line }) => line)).toEqual([57, 65]);
    expect(result?.descriptor).toBeUndefined();
  });

  test('is wrong in the same three places with both VNFDs', () => {
    const texts = [
      small('cirros_vnffg-vnf'),
      small('cirros_vnffg-vnf2'),
      sampleText('sol006/cirros_vnffg_nsd.yaml'),
    ];
    const results = judgeTexts(texts);
    expect(results.map(({ status }) => status)).toEqual([200, 200, 422]);
    const [, , nsd] = results;
    expect(nsd && errorsOf(nsd)).toEqual(three);
    expect(nsd && warningsOf(nsd)).toEqual([]);
  });

  test('is accepted once those are mended: the graph is read with its steps and what it matches', () => {
    const mended = sampleText('sol006/cirros_vnffg_nsd.yaml')
      .replaceAll('Mid-vnf1', "'2'")
      .replace('- cirros_vnffg-vnf\n', '- cirros_vnffg-vnf\n      - cirros_vnffg-vnf2\n');
    const results = judgeTexts([small('cirros_vnffg-vnf'), small('cirros_vnffg-vnf2'), mended]);
    expect(results.flatMap(errorsOf)).toEqual([]);
    const nsd = results[2]?.descriptor;
    expect(nsd?.kind === 'nsd' && nsd.forwardingGraphs).toEqual([
      {
        id: 'vnffg1',
        members: ['2'],
        paths: [
          {
            id: 'forwardingpath1',
            steps: [{ member: '2', ingress: 'vnf-cp0-ext', egress: 'vnf-cp0-ext' }],
            matches: [
              {
                id: 'rule1_80',
                protocol: 6,
                source: '20.20.1.2',
                destination: '20.20.3.5',
                sourcePort: undefined,
                destinationPort: 80,
                from: '1',
              },
            ],
          },
        ],
      },
    ]);
  });
});

test.each(['legacy/cirros_nsd.yaml', 'legacy/cirros_vnfd.yaml', 'legacy/cirros_vnf.tar.gz'])(
  "%s is refused (422) in OSM's own words",
  async (name) => {
    const [result] = await judge(name);
    expect(result?.status).toBe(422);
    const errors = result?.problems.filter(({ severity }) => severity === 'error') ?? [];
    expect(errors.map(({ message }) => message)).toEqual([OLD]);
  },
);

test('the real archive is safe; of its two checksums that of the icon matches, and the stale one is warned of', async () => {
  const [result] = await judge('legacy/cirros_vnf.tar.gz');
  expect(result?.opened.origin).toBe('archive');
  expect([...(result?.opened.files.keys() ?? [])].sort()).toEqual([
    ...['README', 'checksums.txt', 'cirros_vnfd.yaml', 'icons/cirros-64.png'],
  ]);
  const stale = result?.problems.filter(({ code }) => code === 'checksum') ?? [];
  expect(stale).toMatchObject([{ severity: 'warning', line: 1 }]);
  expect(stale[0]?.file).toMatch(/cirros_vnf\.tar\.gz\/cirros_vnf\/checksums\.txt$/);
});

test('a network slice template is refused (422) with what to do instead', async () => {
  const [result] = await judge('legacy/cirros_nst.yaml');
  expect(result?.status).toBe(422);
  expect(result?.problems).toMatchObject([
    {
      line: 16,
      message: 'network slice templates are not supported',
      mend: 'onboard the NSDs that it names: cirros_2vnf_nsd',
    },
  ]);
});
