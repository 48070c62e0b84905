import type { Operation, OperationParams } from '../../protocol/operation-record.ts';
import type { ServiceInstance, ServiceShape } from '../../protocol/service-record.ts';

/** Stands for a value that may be a password or a key. */
export const HIDDEN = '(hidden)';

type Values = Readonly<Record<string, string>>;

interface MemberWishes {
  readonly parameters?: Values | undefined;
  readonly day1?: Values | undefined;
}

interface Wishes {
  readonly parameters?: Values | undefined;
  readonly members?: Readonly<Record<string, MemberWishes>> | undefined;
}

/** A service without the values of its parameters: for whoever may only look. Names stay. */
export function withoutValues(service: ServiceInstance): ServiceInstance {
  return { ...service, wanted: wishes(service.wanted), shape: shapeOf(service.shape) };
}

/** The same of an operation; what primitives answered may repeat what they were given. */
export function operationWithoutValues(operation: Operation): Operation {
  return {
    ...operation,
    params: paramsOf(operation.params),
    before: shapeOf(operation.before),
    target: shapeOf(operation.target),
    wanted: wishes(operation.wanted),
    outputs: operation.outputs.map((each) => ({ ...each, output: HIDDEN })),
  };
}

/** What a program says, without the values that it was given: it goes where values do not. */
export function withoutGivenValues(text: string, values: Values): string {
  return Object.entries(values)
    .filter(([, value]) => value.length >= SHORTEST)
    .toSorted(([, a], [, b]) => b.length - a.length)
    .reduce((left, [name, value]) => left.replaceAll(value, `(${name})`), text);
}

/** Shorter ones occur by chance, and are no secrets. */
const SHORTEST = 4;

function paramsOf(params: OperationParams): OperationParams {
  switch (params.kind) {
    case 'action':
      return { ...params, parameters: hidden(params.parameters) };
    case 'update':
      return params.file === undefined ? params : { ...params, file: wishes(params.file) };
    case 'instantiate':
      return wishes(params);
    default:
      return params;
  }
}

function wishes<T extends Wishes>(wanted: T): T {
  const { parameters, members } = wanted;
  return {
    ...wanted,
    ...(parameters === undefined ? {} : { parameters: hidden(parameters) }),
    ...(members === undefined
      ? {}
      : {
          members: Object.fromEntries(
            Object.entries(members).map(([name, member]) => [
              name,
              {
                ...member,
                ...(member.parameters === undefined ? {} : { parameters: hidden(member.parameters) }),
                ...(member.day1 === undefined ? {} : { day1: hidden(member.day1) }),
              },
            ]),
          ),
        }),
  };
}

function shapeOf(shape: ServiceShape): ServiceShape {
  const units = shape.units.map((unit) => {
    const { parameters, cloudInit, ...recipe } = unit.recipe;
    const day0 = cloudInit === undefined ? {} : { cloudInit: HIDDEN };
    return { ...unit, recipe: { ...recipe, ...day0, parameters: hidden(parameters) } };
  });
  return { ...shape, units };
}

const hidden = (values: Values): Record<string, string> =>
  Object.fromEntries(Object.keys(values).map((name) => [name, HIDDEN]));
