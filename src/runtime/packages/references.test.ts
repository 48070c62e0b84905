import { describe, expect, test } from 'vitest';
import { errorsOf, judgeTexts, sampleText } from './testing/sample-files.ts';

// Every reference of a descriptor, broken one at a time: each is refused at its line.

const VNFD = sampleText('sol006/hackfest_3charmed_vnfd.yaml');
const NSD = sampleText('sol006/hackfest_3charmed_nsd.yaml');

/** The same with one text replaced, which has to be there. */
function broken(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`the sample has no ${from}`);
  return text.replace(from, to);
}

const first = (text: string) => {
  const [result] = judgeTexts([text]);
  return result === undefined ? [] : errorsOf(result);
};

describe('a VNFD is refused when', () => {
  test.each<[string, string, string, readonly string[]]>([
    ['mgmt-cp is missing', '  mgmt-cp: vnf-mgmt-ext\n', '', ['5 mgmt-cp']],
    ['mgmt-cp is no ext-cpd', 'mgmt-cp: vnf-mgmt-ext', 'mgmt-cp: vnf-mgmt-xet', ['11 mgmt-cp']],
    [
      'a VDU is there twice',
      '    - alarm:',
      '    - id: mgmtVM\n      virtual-compute-desc: data-compute\n    - alarm:',
      ['57 duplicate'],
    ],
    ['an int-cpd is there twice', '- id: mgmtVM-internal', '- id: vnf-mgmt', ['50 duplicate']],
    ['an ext-cpd is there twice', '- id: vnf-data-ext', '- id: vnf-mgmt-ext', ['100 duplicate']],
    [
      'an ext-cpd names no VDU',
      'vdu-id: dataVM\n        cpd',
      'vdu-id: nobody\n        cpd',
      ['102 reference'],
    ],
    ['an ext-cpd names no int-cpd', 'cpd: vnf-data', 'cpd: vnf-date', ['103 reference']],
    [
      'an int-cpd names no virtual link',
      'int-virtual-link-desc: internal',
      'int-virtual-link-desc: external',
      ['51 reference'],
    ],
    [
      'a virtual link is there twice',
      '    - id: internal\n',
      '    - id: internal\n    - id: internal\n',
      ['94 duplicate'],
    ],
    [
      'a VDU names no compute',
      'virtual-compute-desc: mgmt-compute',
      'virtual-compute-desc: huge',
      ['40 reference'],
    ],
    ['a VDU names no storage', '        - mgmt-storage', '        - disk', ['42 reference']],
    [
      'a VDU names no image',
      'sw-image-desc: hackfest3-mgmt\n      virtual-compute-desc: mgmt',
      'sw-image-desc: other\n      virtual-compute-desc: mgmt',
      ['39 reference'],
    ],
    [
      'an alarm names no monitoring',
      'alarm-id: alarm-1\n        vnf-monitoring-param-ref: dataVM_cpu_util',
      'alarm-id: alarm-1\n        vnf-monitoring-param-ref: cpu',
      ['66 reference'],
    ],
    [
      'a criterion names no monitoring',
      "'60.0000000000'\n                  vnf-monitoring-param-ref: dataVM_cpu_util",
      "'60.0000000000'\n                  vnf-monitoring-param-ref: cpu",
      ['142 reference'],
    ],
    [
      'a vdu-profile names no VDU',
      '        - id: mgmtVM\n          min',
      '        - id: mgmtXX\n          min',
      ['108 reference'],
    ],
    ['a level names no VDU', '- vdu-id: mgmtVM', '- vdu-id: mgmtXX', ['116 reference']],
    [
      'a vdu-delta names no VDU',
      '                  - id: dataVM\n',
      '                  - id: dataXX\n',
      ['128 reference'],
    ],
    [
      'healing names no VDU',
      '- vdu-id: dataVM\n            event',
      '- vdu-id: dataXX\n            event',
      ['151 reference'],
    ],
    [
      'scaling calls no primitive',
      'pre-scale-in\n              vnf-config-primitive-name-ref: touch',
      'pre-scale-in\n              vnf-config-primitive-name-ref: tuch',
      ['147 reference'],
    ],
    [
      'a primitive has no environment',
      'execution-environment-ref: simple-ee',
      'execution-environment-ref: other-ee',
      ['167 reference'],
    ],
    [
      'a day1-2 entry is of nobody',
      '- id: hackfest3charmed-vnf\n            execution',
      '- id: somebody\n            execution',
      ['144 reference', '146 reference', '160 reference'],
    ],
    [
      'more are needed than allowed',
      '- id: dataVM\n          min-number-of-instances: 1',
      '- id: dataVM\n          min-number-of-instances: 20',
      ['112 schema'],
    ],
    ['a cloud-init file climbs out', 'cloud-config.txt', '../../etc/passwd', ['38 cloud-init-absent']],
    ['a count is negative', 'num-virtual-cpu: 2', 'num-virtual-cpu: -2', ['16 schema']],
    [
      'it has no df',
      '  df:\n    - id: hackfest_default\n',
      '  x-df:\n    - id: hackfest_default\n',
      ['5 schema'],
    ],
  ])('%s', (_, from, to, wanted) => {
    expect(first(broken(VNFD, from, to))).toEqual(wanted);
  });

  test('several things are wrong: all of them are told at once, each with its path and how to mend it', () => {
    const text = broken(
      broken(broken(VNFD, 'cpd: vnf-data', 'cpd: vnf-date'), 'mgmt-cp: vnf-mgmt-ext', 'mgmt-cp: x'),
      'num-virtual-cpu: 2',
      'num-virtual-cpu: two',
    );
    const [result] = judgeTexts([text]);
    const errors = result?.problems.filter(({ severity }) => severity === 'error') ?? [];
    expect(errors.map(({ line, path }) => `${line} ${path}`)).toEqual([
      '11 vnfd.mgmt-cp',
      '16 vnfd.virtual-compute-desc[0].virtual-cpu.num-virtual-cpu',
      '103 vnfd.ext-cpd[1].int-cpd.cpd',
    ]);
    for (const { mend } of errors) expect(mend).not.toBe('');
    expect(errors[2]?.mend).toBe('did you mean `vnf-data`?');
  });

  test.each([
    ['stable/redis', true],
    ['https://charts.example/redis-1.0.tgz', true],
    ['redis --post-renderer /bin/bash', false],
    ['--post-renderer', false],
    ['-redis', false],
    ['Redis', false],
    ['a/b/c', false],
    ['file:///etc/passwd', false],
    ['https://x.example/a b', false],
    [`${'a-'.repeat(2000)}!`, false],
  ])('the chart of a KDU is not a strict name: %s', (chart, fine) => {
    const text = `vnfd:\n  id: k\n  kdu:\n    - name: k\n      helm-chart: ${JSON.stringify(chart)}\n  df: [{ id: d }]\n`;
    expect(first(text)).toEqual(fine ? [] : ['5 helm-chart']);
  });
});

describe('an NSD is refused when', () => {
  test.each<[string, string, string, readonly string[]]>([
    [
      'a member names a VNFD that is not listed',
      'hackfest_vnf2 # member-vnf-index-ref: 2\n            vnfd-id: hackfest3charmed-vnf',
      'hackfest_vnf2 # member-vnf-index-ref: 2\n            vnfd-id: other',
      ['36 reference'],
    ],
    [
      'two members have one id',
      '- id: hackfest_vnf2 #',
      '- id: hackfest_vnf1 #',
      ['35 duplicate', '40 reference', '44 reference'],
    ],
    [
      'a connection point is not of the VNFD',
      'constituent-cpd-id: vnf-data-ext',
      'constituent-cpd-id: vnf-date-ext',
      ['34 reference'],
    ],
    [
      'a link is not there',
      'virtual-link-profile-id: datanet',
      'virtual-link-profile-id: datanot',
      ['31 reference'],
    ],
    [
      'a link is there twice',
      '- id: datanet',
      '- id: mgmt',
      ['18 duplicate', '31 reference', '42 reference'],
    ],
    [
      'a VNFD is listed twice',
      '      - hackfest3charmed-vnf\n',
      '      - hackfest3charmed-vnf\n      - hackfest3charmed-vnf\n',
      ['14 duplicate'],
    ],
    [
      'a member is joined as another',
      'constituent-base-element-id: hackfest_vnf1',
      'constituent-base-element-id: hackfest_vnf2',
      ['29 reference'],
    ],
    [
      'the management network is given addresses',
      '      - id: hackfest_charmed_DF\n',
      '      - id: hackfest_charmed_DF\n        virtual-link-profile:\n          - { id: p, virtual-link-desc-id: mgmt, virtual-link-protocol-data: { l3-protocol-data: { cidr: 10.0.0.0/8 } } }\n',
      ['24 schema'],
    ],
  ])('%s', (_, from, to, wanted) => {
    const [, result] = judgeTexts([VNFD, broken(NSD, from, to)]);
    expect(result && errorsOf(result)).toEqual(wanted);
    expect(result?.status).toBe(422);
  });

  test.each<[string, string, string, readonly string[]]>([
    [
      'source and destination are the same',
      'destination-ip-address: 20.20.3.5',
      'destination-ip-address: 20.20.1.2',
      ['38 forwarding-graph'],
    ],
    [
      'an address is nobody’s',
      'source-ip-address: 20.20.1.2',
      'source-ip-address: 20.20.1.9',
      ['37 forwarding-graph'],
    ],
    [
      'an address is none',
      'source-ip-address: 20.20.1.2',
      'source-ip-address: 20.20.1.256',
      ['37 forwarding-graph'],
    ],
    [
      'a flow comes from another member',
      "constituent-base-element-id: '1'\n                nfp",
      "constituent-base-element-id: '2'\n                nfp",
      ['41 forwarding-graph'],
    ],
    ['a port is none', 'destination-port: 80', 'destination-port: 80000', ['40 schema']],
    [
      'a position is not there',
      '                  - test\n',
      '                  - tset\n',
      ['43 forwarding-graph'],
    ],
  ])('in its forwarding graph %s', (_, from, to, wanted) => {
    const [result] = judgeTexts([broken(sampleText('sol006/cirros_vnffg_nsd.yaml'), from, to)]);
    const known = ['12 vnfd-absent', '21 forwarding-graph', '31 forwarding-graph', '65 reference'];
    expect(result && errorsOf(result).filter((each) => !known.includes(each))).toEqual(wanted);
  });
});
