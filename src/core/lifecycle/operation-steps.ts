import type { OperationKind, Step, StepKind } from '../../protocol/operation-record.ts';
import type { ServiceShape, UnitRecord } from '../../protocol/service-record.ts';
import { same } from '../service-plan/same.ts';

/** What is new in a target, what goes, and which chains change. */
export interface ShapeDifference {
  readonly added: readonly UnitRecord[];
  readonly gone: readonly UnitRecord[];
  readonly toConfigure: readonly UnitRecord[];
  readonly chainsChange: boolean;
}

export function shapeDifference(before: ServiceShape, target: ServiceShape): ShapeDifference {
  const was = new Set(before.units.map(({ id }) => id));
  const stays = new Set(target.units.map(({ id }) => id));
  return {
    added: target.units.filter(({ id }) => !was.has(id)),
    gone: before.units.filter(({ id }) => !stays.has(id)),
    toConfigure: target.units.filter(({ configured }) => !configured),
    chainsChange: !same(byId(before.chains), byId(target.chains)),
  };
}

function byId<T extends { readonly id: string }>(all: readonly T[]): readonly T[] {
  return all.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/**
 * The steps of an operation, in their order: new units run and carry traffic before old ones go. Only where units have failed is what is
 * left of them removed first, since it may take the place that the new ones need.
 */
export function operationSteps(
  kind: OperationKind,
  before: ServiceShape,
  target: ServiceShape,
  packagesChange: boolean,
  /** Whether more is to be booked between units that stay. */
  flowsRise = false,
): Step[] {
  const { added, gone, toConfigure, chainsChange } = shapeDifference(before, target);
  const chains = target.chains.length;
  const abouts: Partial<Record<StepKind, string>> = {
    'hold-packages': 'keeps its packages from being changed or deleted',
    place:
      kind === 'migrate'
        ? `books the places that were offered for ${units(added)}`
        : added.length > 0
          ? `finds hosts for ${units(added)}`
          : 'books more of what flows between its units',
    'start-units': `starts ${units(added)}`,
    'await-health': `waits until ${units(added)} run and answer`,
    configure: `does what is to be done on the first day to ${units(toConfigure)}`,
    'set-chains':
      chains === 0
        ? 'takes its chains away'
        : `leads flows through ${chains} chain${chains === 1 ? '' : 's'}`,
    act: 'carries the primitive out',
    deconfigure: `does what is to be done before the end to ${units(gone)}`,
    'stop-units': `stops ${units(gone)}`,
    release: `gives back what ${kind === 'terminate' ? 'it' : units(gone)} had booked`,
    'let-packages-go': 'lets go of packages that it does not need any more',
  };
  const start: readonly StepKind[] =
    added.length > 0 ? ['place', 'start-units', 'await-health'] : flowsRise ? ['place'] : [];
  const configure: readonly StepKind[] = toConfigure.length > 0 ? ['configure'] : [];
  const rechain: readonly StepKind[] = chainsChange ? ['set-chains'] : [];
  const stop: readonly StepKind[] = gone.length > 0 ? ['stop-units', 'release'] : [];
  const kinds = ((): readonly StepKind[] => {
    switch (kind) {
      case 'instantiate':
        return ['hold-packages', ...start, ...configure, ...rechain];
      case 'scale':
      case 'migrate':
      case 'update':
        return [
          ...(packagesChange ? (['hold-packages'] as const) : []),
          ...start,
          ...configure,
          ...rechain,
          ...(gone.length > 0 ? (['deconfigure'] as const) : []),
          ...stop,
          ...(packagesChange ? (['let-packages-go'] as const) : []),
        ];
      case 'heal':
        return [...stop, ...start, ...configure, ...rechain];
      case 'action':
        return ['act'];
      case 'terminate':
        return [
          ...rechain,
          ...(gone.length > 0 ? (['deconfigure', 'stop-units'] as const) : []),
          // Also where no unit is on record: one that was placed and never started may have booked.
          'release',
          'let-packages-go',
        ];
      default:
        return kind satisfies never;
    }
  })();
  return kinds.map((each) => ({
    kind: each,
    state: 'waiting',
    about: abouts[each] ?? each,
    attempts: 0,
    startedAtMs: null,
    endedAtMs: null,
  }));
}

function units(all: readonly UnitRecord[]): string {
  const names = all.map(({ unit }) => unit.id);
  const shown = names.slice(0, 4).join(', ');
  return names.length <= 4 ? shown || 'no unit' : `${shown} and ${names.length - 4} more`;
}

/** How far an operation is, e.g. `3 of 6: waits until web/vm/0 run and answer`. */
export function progressInWords(steps: readonly Step[]): string {
  const done = steps.filter(({ state }) => state === 'done').length;
  const doing = steps.find(({ state }) => state === 'doing' || state === 'undoing' || state === 'failed');
  const verb = doing?.state === 'undoing' ? 'undoes: ' : doing?.state === 'failed' ? 'failed: ' : '';
  return `${done} of ${steps.length}${doing === undefined ? '' : `: ${verb}${doing.about}`}`;
}
