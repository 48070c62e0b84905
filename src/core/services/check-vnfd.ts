import { showText } from '../problems/problem.ts';
import { checkDay12 } from './check-day12.ts';
import { checkScaling } from './check-scaling.ts';
import { type Cursor, each, named, texts, titleOf } from './cursor.ts';
import { monitoringOf } from './monitoring-of.ts';
import { type PackageFinding, refused, warned } from './package-finding.ts';
import { dangling, duplicates, idsOf } from './references.ts';

/**
 * Everything in a VNFD that names something else in it has to find it (as the NBI of Open Source MANO checks it, and a
 * little more), whether or not the rest of the file is right.
 */
export function checkVnfd(vnfd: Cursor): readonly PackageFinding[] {
  return [
    ...checkManagementPoint(vnfd),
    ...checkPoints(vnfd),
    ...checkVirtualLinks(vnfd),
    ...checkResources(vnfd),
    ...checkMonitoring(vnfd),
    ...checkProfiles(vnfd),
    ...checkScaling(vnfd),
    ...checkDay12(vnfd),
    ...checkKdus(vnfd),
  ];
}

function checkManagementPoint(vnfd: Cursor): readonly PackageFinding[] {
  if (each(vnfd, 'vdu').length === 0) return [];
  const point = named(vnfd, 'mgmt-cp');
  const known = idsOf(each(vnfd, 'ext-cpd'));
  if (point !== undefined) return dangling([point], known, 'ext-cpd', 'mgmt-cp');
  const message = '`mgmt-cp` is missing: it says through which connection point the VNF is managed';
  const mend = `add \`mgmt-cp: ${showText(known[0] ?? 'mgmt-ext')}\`, the id of an entry of ext-cpd`;
  return [refused('mgmt-cp', { path: [...vnfd.path, 'mgmt-cp'], at: 'key', message, mend })];
}

function checkPoints(vnfd: Cursor): readonly PackageFinding[] {
  const vdus = each(vnfd, 'vdu');
  const externals = each(vnfd, 'ext-cpd');
  const led = new Set<string>();
  const wrong = externals.flatMap((external) =>
    each(external, 'int-cpd').flatMap((inner) => {
      const vdu = named(inner, 'vdu-id');
      const point = named(inner, 'cpd');
      led.add(JSON.stringify([vdu?.text, point?.text]));
      const missing = dangling([vdu], idsOf(vdus), 'vdu');
      if (missing.length > 0) return missing;
      const known = vdus
        .filter((each) => named(each, 'id')?.text === vdu?.text)
        .flatMap((one) => idsOf(each(one, 'int-cpd')));
      return dangling([point], known, `int-cpd of \`${showText(vdu?.text ?? '')}\``);
    }),
  );
  const loose = vdus.flatMap((vdu) =>
    each(vdu, 'int-cpd').flatMap((point) => {
      const joined =
        named(point, 'int-virtual-link-desc') !== undefined ||
        led.has(JSON.stringify([named(vdu, 'id')?.text, named(point, 'id')?.text]));
      if (joined) return [];
      const message = `\`${showText(titleOf(point))}\` leads nowhere: no virtual link and no ext-cpd has it`;
      const mend = 'give it an int-virtual-link-desc, name it in an ext-cpd, or remove it';
      return [warned('reference', { path: point.path, message, mend })];
    }),
  );
  return [
    ...duplicates(vdus, 'VDU'),
    ...vdus.flatMap((vdu) => duplicates(each(vdu, 'int-cpd'), 'int-cpd')),
    ...duplicates(externals, 'ext-cpd'),
    ...wrong,
    ...loose,
  ];
}

function checkVirtualLinks(vnfd: Cursor): readonly PackageFinding[] {
  const links = each(vnfd, 'int-virtual-link-desc');
  const known = idsOf(links);
  const users = [...each(vnfd, 'vdu', 'int-cpd'), ...each(vnfd, 'ext-cpd')];
  return [
    ...duplicates(links, 'int-virtual-link-desc'),
    ...dangling(
      users.map((user) => named(user, 'int-virtual-link-desc')),
      known,
      'int-virtual-link-desc',
    ),
    ...dangling(
      each(vnfd, 'df', 'virtual-link-profile').map((profile) => named(profile, 'id')),
      known,
      'int-virtual-link-desc',
    ),
  ];
}

function checkResources(vnfd: Cursor): readonly PackageFinding[] {
  const computes = each(vnfd, 'virtual-compute-desc');
  const storages = each(vnfd, 'virtual-storage-desc');
  const images = each(vnfd, 'sw-image-desc');
  const vdus = each(vnfd, 'vdu').filter((vdu) => named(vdu, 'pdu-type') === undefined);
  const imageNames = [
    ...vdus.map((vdu) => named(vdu, 'sw-image-desc')),
    ...vdus.flatMap((vdu) => texts(vdu, 'alternative-sw-image-desc')),
  ];
  const unsized = vdus.flatMap((vdu) => {
    if (named(vdu, 'virtual-compute-desc') !== undefined) return [];
    const message = `\`${showText(titleOf(vdu))}\` does not say what it needs: 1 vCPU and 1 GiB are booked`;
    const mend = 'add `virtual-compute-desc` with the id of one';
    return [warned('no-demand', { path: vdu.path, message, mend })];
  });
  return [
    ...duplicates(computes, 'virtual-compute-desc'),
    ...duplicates(storages, 'virtual-storage-desc'),
    ...duplicates(images, 'sw-image-desc'),
    ...dangling(
      vdus.map((vdu) => named(vdu, 'virtual-compute-desc')),
      idsOf(computes),
      'virtual-compute-desc',
    ),
    ...dangling(
      vdus.flatMap((vdu) => texts(vdu, 'virtual-storage-desc')),
      idsOf(storages),
      'virtual-storage-desc',
    ),
    ...dangling(imageNames, idsOf(images), 'sw-image-desc'),
    ...unsized,
  ];
}

function checkMonitoring(vnfd: Cursor): readonly PackageFinding[] {
  const alarms = each(vnfd, 'vdu', 'alarm');
  return [
    ...duplicates(monitoringOf(vnfd), 'monitoring parameter'),
    ...each(vnfd, 'vdu').flatMap((vdu) => duplicates(each(vdu, 'alarm'), 'alarm', 'alarm-id')),
    ...dangling(
      alarms.map((alarm) => named(alarm, 'vnf-monitoring-param-ref')),
      idsOf(monitoringOf(vnfd)),
      'any monitoring-parameter',
    ),
  ];
}

function checkProfiles(vnfd: Cursor): readonly PackageFinding[] {
  const vdus = idsOf(each(vnfd, 'vdu'));
  const flavours = each(vnfd, 'df');
  return [
    ...duplicates(flavours, 'deployment flavour'),
    ...flavours.flatMap((flavour) => {
      const profiles = each(flavour, 'vdu-profile');
      const levels = each(flavour, 'instantiation-level');
      const groups = idsOf(each(flavour, 'affinity-or-anti-affinity-group'));
      return [
        ...duplicates(profiles, 'vdu-profile'),
        ...duplicates(levels, 'instantiation-level'),
        ...dangling(
          profiles.map((profile) => named(profile, 'id')),
          vdus,
          'vdu',
        ),
        ...dangling(
          each(flavour, 'instantiation-level', 'vdu-level').map((level) => named(level, 'vdu-id')),
          vdus,
          'vdu',
        ),
        ...dangling([named(flavour, 'default-instantiation-level')], idsOf(levels), 'instantiation-level'),
        ...dangling(
          each(flavour, 'vdu-profile', 'affinity-or-anti-affinity-group').map((group) => named(group, 'id')),
          groups,
          'affinity-or-anti-affinity-group',
        ),
        ...profiles.flatMap(badBounds),
        ...dangling(
          each(flavour, 'healing-aspect', 'healing-policy').map((policy) => named(policy, 'vdu-id')),
          vdus,
          'vdu',
        ),
      ];
    }),
  ];
}

function badBounds(profile: Cursor): readonly PackageFinding[] {
  const min = named(profile, 'min-number-of-instances');
  const max = named(profile, 'max-number-of-instances');
  if (min === undefined || max === undefined || !(Number(min.text) > Number(max.text))) return [];
  const message = `at least ${showText(min.text)} instances and at most ${showText(max.text)}: that is none`;
  return [refused('schema', { path: max.path, message, mend: `use at least ${showText(min.text)}` })];
}

/** A chart, or repository/chart. Anything else could be taken for a flag of the command that gets it. */
const CHART = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\/[a-z0-9]([-a-z0-9]*[a-z0-9])?)?$/;
const CHART_URL = /^(https?|oci):\/\/[A-Za-z0-9][A-Za-z0-9.-]*(:\d{1,5})?(\/[A-Za-z0-9._~%+/-]*)?$/;

function checkKdus(vnfd: Cursor): readonly PackageFinding[] {
  const kdus = each(vnfd, 'kdu');
  const charts = [...kdus.map((kdu) => named(kdu, 'helm-chart')), ...dayOneCharts(vnfd)].flatMap((chart) => {
    if (chart === undefined || CHART.test(chart.text) || CHART_URL.test(chart.text)) return [];
    const message = `\`${showText(chart.text)}\` is not the name of a chart`;
    const mend = 'use `chart`, `repository/chart` or an address: lower-case letters, digits and hyphens';
    return [refused('helm-chart', { path: chart.path, message, mend })];
  });
  const physical = each(vnfd, 'vdu').flatMap((vdu) => {
    const type = named(vdu, 'pdu-type');
    if (type === undefined) return [];
    const message = `\`${showText(titleOf(vdu))}\` is a physical unit (${showText(type.text)}): it cannot be instantiated`;
    return [
      warned('cannot-run', { path: type.path, message, mend: 'use a VDU with a mapped image instead' }),
    ];
  });
  const kubernetes = kdus.map((kdu) => {
    const message = `\`${showText(titleOf(kdu))}\` needs Kubernetes, which Muster does not drive: it cannot be instantiated`;
    return warned('cannot-run', { path: kdu.path, message, mend: 'use a VDU with a mapped image instead' });
  });
  return [...duplicates(kdus, 'KDU', 'name'), ...charts, ...physical, ...kubernetes];
}

function dayOneCharts(vnfd: Cursor) {
  const keys = ['df', 'lcm-operations-configuration', 'operate-vnf-op-config', 'day1-2'];
  return each(vnfd, ...keys, 'execution-environment-list').map((place) => named(place, 'helm-chart'));
}
