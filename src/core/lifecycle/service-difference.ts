import type { ServiceFile } from '../../protocol/service-file.ts';
import type { ServiceInstance, ServiceShape } from '../../protocol/service-record.ts';
import { NO_SHAPE } from '../service-plan/no-shape.ts';
import type { PlanRefusal } from '../service-plan/refusal.ts';
import { same } from '../service-plan/same.ts';
import { shapeDifference } from './operation-steps.ts';

export interface Difference {
  readonly about: string;
  readonly change: string;
}

/** What nobody may change of a service that runs, as in OSM: terminate it, or give the new one another name. */
export function structuralDifferences(
  before: ServiceInstance,
  nsdId: string,
  flavour: string,
  /** Whether the NSD is a version of that after which it runs. */
  isVersion: boolean,
): readonly PlanRefusal[] {
  const mend = `muster service terminate ${before.name} --remove, or choose another name`;
  return [
    ...(isVersion
      ? []
      : [
          {
            about: 'service',
            reason: `${before.name} runs after the NSD ${before.nsdId}, and ${nsdId} is no version of it: it has another invariant-id`,
            mend,
          },
        ]),
    ...(before.flavour === flavour
      ? []
      : [
          {
            about: 'service',
            reason: `${before.name} runs in the flavour ${before.flavour}, not ${flavour}`,
            mend,
          },
        ]),
  ];
}

/** Everything that differs between a service and what is wanted, in the words of the service file; empty: nothing. */
export function serviceDifferences(
  before: ServiceInstance | undefined,
  wanted: ServiceFile,
  target: ServiceShape,
  packages: Readonly<Record<string, string>>,
): readonly Difference[] {
  const shape = before?.shape ?? NO_SHAPE;
  const { added, gone, chainsChange } = shapeDifference(shape, target);
  const wishes = before === undefined ? [] : wishDifferences(before.wanted, wanted);
  const contents = Object.entries(packages).flatMap(([name, digest]) => {
    const was = before?.packages[name];
    return was === undefined || was === digest
      ? []
      : [{ about: `package ${name}`, change: 'its content is another' }];
  });
  return [
    ...(before === undefined ? [{ about: `service ${wanted.name}`, change: 'is created' }] : []),
    ...(before?.state === 'NOT_INSTANTIATED'
      ? [{ about: `service ${wanted.name}`, change: 'is instantiated' }]
      : []),
    ...wishes,
    ...contents,
    ...added.map(({ unit }) => ({ about: `unit ${unit.id}`, change: 'is started' })),
    ...gone.map(({ unit, state }) => ({
      about: `unit ${unit.id}`,
      change: state === 'failed' ? 'has failed: is removed' : 'is stopped',
    })),
    ...(chainsChange && before !== undefined
      ? [{ about: 'chains', change: `${target.chains.length} are set` }]
      : []),
  ];
}

/** Files are compared value by value, so that each line says what it was and what it is to be. */
function wishDifferences(before: ServiceFile, wanted: ServiceFile): readonly Difference[] {
  const was = flat(before, '');
  const now = flat(wanted, '');
  return [...new Set([...was.keys(), ...now.keys()])].toSorted().flatMap((path) => {
    const [old, next] = [was.get(path), now.get(path)];
    if (same(old, next)) return [];
    // Values may be passwords.
    const secret = /(^|\.)(parameters|day1)\./.test(path);
    return [{ about: path, change: secret ? 'has another value' : `${shown(old)} -> ${shown(next)}` }];
  });
}

function flat(value: unknown, path: string): ReadonlyMap<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return new Map([[path, value]]);
  return new Map(
    Object.entries(value).flatMap(([key, each]) =>
      each === undefined ? [] : [...flat(each, path === '' ? key : `${path}.${key}`)],
    ),
  );
}

function shown(value: unknown): string {
  const text = value === undefined ? 'not said' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
