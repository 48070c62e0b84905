import { showText } from '../problems/problem.ts';
import { type Cursor, each, named, titleOf } from './cursor.ts';
import { monitoringOf } from './monitoring-of.ts';
import { type PackageFinding, refused } from './package-finding.ts';
import { dangling, duplicates, idsOf } from './references.ts';

/** What a scaling aspect names: VDUs, monitoring parameters, primitives. */
export function checkScaling(vnfd: Cursor): readonly PackageFinding[] {
  const vdus = idsOf(each(vnfd, 'vdu'));
  const monitored = idsOf(monitoringOf(vnfd));
  return each(vnfd, 'df').flatMap((flavour) => {
    const aspects = each(flavour, 'scaling-aspect');
    return [
      ...duplicates(aspects, 'scaling-aspect'),
      ...dangling(
        each(flavour, 'scaling-aspect', 'aspect-delta-details', 'deltas', 'vdu-delta').map((delta) =>
          named(delta, 'id'),
        ),
        vdus,
        'vdu',
      ),
      ...dangling(
        each(flavour, 'scaling-aspect', 'scaling-policy', 'scaling-criteria').map((criterion) =>
          named(criterion, 'vnf-monitoring-param-ref'),
        ),
        monitored,
        'any monitoring-parameter',
      ),
      ...aspects.flatMap((aspect) => actionsOf(vnfd, flavour, aspect)),
    ];
  });
}

function actionsOf(vnfd: Cursor, flavour: Cursor, aspect: Cursor): readonly PackageFinding[] {
  const configured = each(flavour, 'lcm-operations-configuration', 'operate-vnf-op-config', 'day1-2').filter(
    (entry) => named(entry, 'id')?.text === named(vnfd, 'id')?.text,
  );
  const primitives = configured.flatMap((entry) => idsOf(each(entry, 'config-primitive'), 'name'));
  return each(aspect, 'scaling-config-action').flatMap((action) => {
    const primitive = named(action, 'vnf-config-primitive-name-ref');
    if (configured.length > 0)
      return dangling([primitive], primitives, "config-primitive of the VNF's day1-2");
    const message = `\`${showText(titleOf(aspect))}\` calls a primitive, and the VNF has no day1-2 configuration`;
    const mend = "add a day1-2 entry with the VNFD's own id, or remove the action";
    return [refused('reference', { path: action.path, message, mend })];
  });
}
