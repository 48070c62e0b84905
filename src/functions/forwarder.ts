import type { FunctionProgram } from './function-program.ts';
import { readUnitParameters } from './parameters.ts';
import { stampShape } from './stamps/stamp-options.ts';
import { startStampingProxy } from './stamps/stamping-proxy.ts';

/** Forwards: the kernel does, once the unit is in a chain. With a `stamp-key` it stamps what passes. */
export const forwarder: FunctionProgram = async ({ parameters }) => {
  const given = readUnitParameters(parameters, stampShape);
  return stampingIfAsked(given);
};

/** The same with a key that must be there. */
export const stamper: FunctionProgram = async ({ parameters }) => {
  const given = readUnitParameters(parameters, stampShape);
  if (given['stamp-key'] === undefined) throw new Error('parameter stamp-key: a stamper needs one');
  return stampingIfAsked(given);
};

/** What any function does about stamps besides its own work. */
export async function stampingIfAsked(given: {
  readonly 'stamp-key'?: Parameters<typeof startStampingProxy>[0] | undefined;
  readonly 'stamp-destination'?: Parameters<typeof startStampingProxy>[1] | undefined;
  readonly 'stamp-port': number;
}): Promise<{ readonly stop?: () => Promise<void> }> {
  const { 'stamp-key': key, 'stamp-destination': destination, 'stamp-port': ownPort } = given;
  if (key === undefined) return {};
  if (destination === undefined) throw new Error('parameter stamp-destination: needed with stamp-key');
  return startStampingProxy(key, destination, ownPort);
}
