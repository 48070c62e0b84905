import { describe, expect, test } from 'vitest';
import { NO_SITE_CONFIG } from '../../protocol/site-config.ts';
import { errorsOf, judgeTexts, sampleText, warningsOf } from './testing/sample-files.ts';

// What real files have that the standard does not, one by one.

const VNFD = `
  id: v
  version: 1.0
  mgmt-cp: m
  vdu:
    - id: a
      virtual-compute-desc: c
      virtual-storage-desc: s
      int-cpd:
        - id: p
          virtual-network-interface-requirement:
            - name: eth0
              virtual-interface: { type: PARAVIRT, vpci: 0000:00:0a.0 }
  virtual-compute-desc:
    - { id: c, virtual-cpu: { num-virtual-cpu: "1.0" }, virtual-memory: { size: '0.5' } }
  virtual-storage-desc:
    - { id: s, size-of-storage: "10" }
  ext-cpd:
    - { id: m, int-cpd: { vdu-id: a, cpd: p } }
  df:
    - id: d
      vdu-profile: [{ id: a, min-number-of-instances: "1" }]
`;
const vnfdWith = (from: string, to: string) => `vnfd:${VNFD.replace(from, to)}`;
const only = (text: string) => {
  const [result] = judgeTexts([text]);
  if (result === undefined) throw new Error('nothing was judged');
  return result;
};

const NSD = `
  - id: n
    name: n
    version: 1.10
    virtual-link-desc:
      - { id: mgmt, mgmt-network: "true", vim-network-name: external }
    vnfd-id: [v]
    df:
      - id: d
        vnf-profile:
          - id: 1
            vnfd-id: v
            virtual-link-connectivity:
              - virtual-link-profile-id: mgmt
                constituent-cpd-id:
                  - { constituent-base-element-id: '1', constituent-cpd-id: m, ip-address: 10.0.0.2 }
`;
const indented = (text: string, by: number) => text.replaceAll('\n', `\n${' '.repeat(by)}`);

describe('envelopes', () => {
  test.each([
    ['vnfd', `vnfd:${VNFD}`],
    ['etsi-nfv-vnfd:vnfd', `etsi-nfv-vnfd:vnfd:${VNFD}`],
    ['a list of one', `vnfd:\n  -${indented(VNFD, 2).trimStart().replace(/^/, ' ')}`],
    ['none', VNFD.replaceAll('\n  ', '\n')],
  ])('a VNFD in %s', (_, text) => {
    const result = only(text);
    expect(errorsOf(result)).toEqual([]);
    expect(result.descriptor).toMatchObject({ kind: 'vnfd', id: 'v' });
  });

  test.each([
    ['nsd: nsd', `nsd:\n  nsd:${NSD}`],
    ['etsi-nfv-nsd:nsd: nsd', `etsi-nfv-nsd:nsd:\n  nsd:${NSD}`],
    ['nsd alone', `nsd:${NSD}`],
  ])('an NSD in %s', (_, text) => {
    const [, result] = judgeTexts([`vnfd:${VNFD}`, text]);
    expect(result && errorsOf(result)).toEqual([]);
    expect(result?.descriptor).toMatchObject({ kind: 'nsd', id: 'n' });
  });

  test('two descriptors in one file are refused, and so is what is none', () => {
    expect(errorsOf(only(`nsd:\n  nsd:${NSD}${NSD}`))).toEqual(['1 not-a-descriptor']);
    expect(errorsOf(only('hello: world\n'))).toEqual(['1 not-a-descriptor']);
    expect(errorsOf(only('- 1\n'))).toEqual(['1 not-a-descriptor']);
    expect(errorsOf(only(''))).toEqual(['1 yaml']);
  });
});

test('numbers and truths as text, an unquoted version, a missing position, a list without its dash', () => {
  const [vnfd, nsd] = judgeTexts([`vnfd:${VNFD}`, `nsd:\n  nsd:${NSD}`]);
  expect(vnfd && errorsOf(vnfd)).toEqual([]);
  expect(vnfd?.descriptor).toMatchObject({
    version: '1.0',
    vdus: [
      {
        demand: { vcpus: 1, memoryMib: 512, storageGb: 10 },
        connectionPoints: [{ interfaceName: 'eth0', position: undefined }],
      },
    ],
  });
  expect(nsd?.descriptor).toMatchObject({
    version: '1.10',
    links: [{ id: 'mgmt', management: true, siteNetwork: 'external' }],
    flavours: [{ members: [{ id: '1', connections: [{ link: 'mgmt', address: '10.0.0.2' }] }] }],
  });
});

test('a threshold with ten decimals is read, and what is no number is refused at its place', () => {
  const text = sampleText('sol006/hackfest_3charmed_vnfd.yaml');
  const result = only(text.replace("'60.0000000000'", 'sixty'));
  expect(errorsOf(result)).toEqual(['141 schema']);
  expect(result.problems.find(({ code }) => code === 'schema')?.message).toContain('should be a number');
});

test('rw_mgmt_ip fills itself, other placeholders need a value', () => {
  const result = only(sampleText('sol006/hackfest_3charmed_vnfd.yaml'));
  const needed = result.problems.filter(({ code }) => code === 'parameters-needed');
  expect(needed.map(({ message }) => message)).toEqual([
    'a value is needed for `touch_filename`',
    'a value is needed for `touch_filename2`',
  ]);
});

test('unknown fields are warned of with what was meant, and read past', () => {
  const result = only(vnfdWith('  mgmt-cp: m', '  mgmt-cp: m\n  ext-cpdd: []\n  colour: blue'));
  expect(result.status).toBe(200);
  const unknown = result.problems.filter(({ code }) => code === 'unknown-field');
  expect(unknown.map(({ line, message }) => `${line} ${message}`)).toEqual([
    '5 the key `ext-cpdd` is not known here: it is read past',
    '6 the key `colour` is not known here: it is read past',
  ]);
});

test('a key without a value says nothing', () => {
  const result = only(vnfdWith('  mgmt-cp: m', '  mgmt-cp: m\n  description:\n  kdu: ~'));
  expect(result.status).toBe(200);
  expect(result.descriptor).toMatchObject({ description: '', kdus: [] });
});

test('a mapped image and an allowed webhook are not warned of', () => {
  const site = {
    images: { 'hackfest3-mgmt': { catalogue: 'web-server' } },
    webhooks: { allowHosts: ['webhook.site'] },
  };
  const text = sampleText('sol006/hackfest_3charmed_vnfd.yaml');
  const [mapped] = judgeTexts([text], site);
  expect(mapped && warningsOf(mapped)).not.toContain('image-not-mapped');
  expect(mapped && warningsOf(mapped)).not.toContain('webhooks-off');
  const [other] = judgeTexts(
    [text.replaceAll('https://webhook.site', 'https://webhook.site@evil.example')],
    site,
  );
  expect(other && warningsOf(other)).toContain('webhooks-off');
  const [proto] = judgeTexts([text.replaceAll('hackfest3-mgmt', 'constructor')], NO_SITE_CONFIG);
  expect(proto && warningsOf(proto)).toContain('image-not-mapped');
});

test('physical units and Kubernetes are read, and said not to run', () => {
  const result = only(
    vnfdWith('    - id: a\n', '    - id: b\n      pdu-type: gateway\n    - id: a\n').concat(
      '  kdu: [{ name: k, helm-chart: bitnami/redis }]\n',
    ),
  );
  expect(result.status).toBe(200);
  expect(result.descriptor).toMatchObject({
    cannotRun: [
      'the KDU k needs Kubernetes, which Muster does not drive',
      'the VDU b is a physical unit (gateway)',
    ],
  });
});
