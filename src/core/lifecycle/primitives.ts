import type { Primitive } from '../../protocol/descriptors.ts';
import type { UnitRecord } from '../../protocol/service-record.ts';
import { fillPlaceholders } from '../service-plan/fill-in.ts';
import { behindPoint } from '../service-plan/interfaces.ts';
import type { PlannedVnf } from '../service-plan/resolve-vnfs.ts';
import { MANAGEMENT_ADDRESS } from '../services/placeholders.ts';

/** A primitive on one unit. */
export interface PrimitiveCall {
  readonly primitive: Primitive;
  readonly unit: UnitRecord;
}

/**
 * What is to be done to units at a time. A primitive of a VDU is for each of its units, one of the VNF for the first unit of the VDU by
 * which it is managed. In the order of the descriptor.
 */
export function primitiveCalls(
  vnf: PlannedVnf,
  all: readonly UnitRecord[],
  when: Primitive['when'],
  among: (unit: UnitRecord) => boolean,
): readonly PrimitiveCall[] {
  const own = all.filter((each) => each.vnf === vnf.id).toSorted((a, b) => a.index - b.index);
  return vnf.flavour.primitives
    .filter((each) => each.when === when)
    .flatMap((primitive) => targetsOf(vnf, primitive, own).map((unit) => ({ primitive, unit })))
    .filter(({ unit }) => among(unit));
}

export function targetsOf(
  vnf: PlannedVnf,
  primitive: Primitive,
  own: readonly UnitRecord[],
): readonly UnitRecord[] {
  const ofVdu = own.filter(({ vdu }) => vdu === primitive.target);
  if (ofVdu.length > 0) return ofVdu;
  const manager = managementOf(vnf)?.vdu;
  const first = own.find(({ vdu }) => vdu === manager) ?? own[0];
  return first === undefined ? [] : [first];
}

/** The VDU, and its interface, by which a VNF is managed. */
function managementOf(vnf: PlannedVnf): { readonly vdu: string; readonly interface: string } | undefined {
  const behind =
    vnf.vnfd.managementPoint === undefined ? undefined : behindPoint(vnf, vnf.vnfd.managementPoint);
  return behind === undefined ? undefined : { vdu: behind.vdu.id, interface: behind.interface };
}

/** Address of a VNF's management interface; undefined: it has none, or not yet. */
export function managementAddress(vnf: PlannedVnf, all: readonly UnitRecord[]): string | undefined {
  const at = managementOf(vnf);
  return all.find((each) => each.vnf === vnf.id && each.vdu === at?.vdu)?.addresses[at?.interface ?? ''];
}

export type Command =
  | { readonly ok: true; readonly command: readonly string[] }
  | { readonly ok: false; readonly message: string; readonly mend: string };

/**
 * The command that carries a primitive out within its unit: the program of its name, and `name=value` for each of its parameters. Values
 * that are given win over those of the descriptor.
 */
export function primitiveCommand(
  primitive: Primitive,
  given: Readonly<Record<string, string>>,
  management: string | undefined,
): Command {
  if (primitive.outcome.state === 'FAILED') {
    return {
      ok: false,
      message: primitive.outcome.reason,
      mend: 'give it an execution environment that is no charm and no chart',
    };
  }
  const values = management === undefined ? given : { [MANAGEMENT_ADDRESS]: management, ...given };
  const missing: string[] = [];
  const settings = primitive.parameters.flatMap(({ name, value }) => {
    const text = Object.hasOwn(given, name) ? given[name] : value;
    if (text === undefined) return [];
    const filled = fillPlaceholders(text, values);
    missing.push(...filled.missing);
    return [`${name}=${filled.text}`];
  });
  if (missing.length === 0) return { ok: true, command: [primitive.name, ...settings] };
  const names = [...new Set(missing)];
  return {
    ok: false,
    message: `${primitive.name} needs values for ${names.map((name) => `<${name}>`).join(', ')}`,
    mend: `give them: --param ${names[0]}=..`,
  };
}
