import { suggestName } from '../problems/nearest-name.ts';
import { showText } from '../problems/problem.ts';
import { type Cursor, each, named } from './cursor.ts';
import { type PackageFinding, refused, warned } from './package-finding.ts';
import { placeholdersIn } from './placeholders.ts';
import { dangling, duplicates, idsOf } from './references.ts';

const PRIMITIVES = ['initial-config-primitive', 'config-primitive', 'terminate-config-primitive'] as const;

/** Every `day1-2` entry of a VNFD. */
export function day12Of(vnfd: Cursor): readonly Cursor[] {
  return each(vnfd, 'df', 'lcm-operations-configuration', 'operate-vnf-op-config', 'day1-2');
}

/** What is to be done on the first day and later: whom it is about, what carries it out, and which values are still missing. */
export function checkDay12(vnfd: Cursor): readonly PackageFinding[] {
  const owners = [
    ...[named(vnfd, 'id')?.text ?? []].flat(),
    ...idsOf(each(vnfd, 'vdu')),
    ...idsOf(each(vnfd, 'kdu'), 'name'),
  ];
  return day12Of(vnfd).flatMap((entry) => {
    const places = each(entry, 'execution-environment-list');
    const owner = named(entry, 'id');
    const unowned =
      owner === undefined || owners.includes(owner.text)
        ? []
        : [
            refused('reference', {
              path: owner.path,
              message: `\`${showText(owner.text)}\` is neither this VNF nor one of its VDUs`,
              mend: suggestName(owner.text, owners, 'the id of'),
            }),
          ];
    return [
      ...unowned,
      ...duplicates(places, 'execution environment'),
      ...PRIMITIVES.flatMap((key) =>
        dangling(
          each(entry, key).map((primitive) => named(primitive, 'execution-environment-ref')),
          idsOf(places),
          'execution-environment-list',
        ),
      ),
      ...places.flatMap(notRun),
      ...PRIMITIVES.flatMap((key) => each(entry, key).flatMap(parametersNeeded)),
    ];
  });
}

function notRun(place: Cursor): readonly PackageFinding[] {
  return [...each(place, 'juju'), ...each(place, 'helm-chart')].map((one) => {
    const charm = one.path.at(-1) === 'juju';
    const name = charm ? named(one, 'charm')?.text : one.value;
    const what = charm ? 'juju charm' : 'helm chart';
    const message = `the ${what} \`${showText(String(name ?? '?'))}\` is not run: its primitives fail, with that reason`;
    const mend =
      'nothing is needed; what it does can be done in cloud-init, or by the program that the image is mapped to';
    return warned('charm-not-run', { path: one.path, message, mend });
  });
}

function parametersNeeded(primitive: Cursor): readonly PackageFinding[] {
  return each(primitive, 'parameter').flatMap((parameter) => {
    const given = named(parameter, 'value') ?? named(parameter, 'default-value');
    if (given === undefined) return [];
    const missing = placeholdersIn(given.text);
    if (missing.length === 0) return [];
    const message = `a value is needed for ${missing.map((name) => `\`${showText(name)}\``).join(', ')}`;
    const mend = `give it when the service is applied: additionalParamsForVnf with ${missing.map((name) => showText(name)).join(', ')}`;
    return [warned('parameters-needed', { path: given.path, message, mend })];
  });
}
