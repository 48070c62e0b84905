import { callTool } from './call-tool.ts';
import { stampingIfAsked } from './forwarder.ts';
import type { FunctionProgram } from './function-program.ts';
import { readParameters, readUnitParameters, whole } from './parameters.ts';
import { stampShape } from './stamps/stamp-options.ts';

/** Short, or what waits would go on for seconds after a change. */
const QUEUE_BYTES = 32_768;
const rate = whole(8, 100_000_000, 10_000);

/** Sends on at most `rate-kbit` through each of its interfaces; what does not fit in a short queue is dropped. */
export const rateLimiter: FunctionProgram = async ({ parameters, interfaces }) => {
  const given = readUnitParameters(parameters, { 'rate-kbit': rate, ...stampShape });
  const shape = (verb: 'add' | 'change', kbit: number) =>
    interfaces.map(
      ({ device }) =>
        `class ${verb} dev ${device} parent 1: classid 1:10 htb rate ${kbit}kbit ceil ${kbit}kbit burst 15k cburst 15k quantum 1514`,
    );
  const tc = (lines: readonly string[]) => callTool(['tc', '-batch', '-'], `${lines.join('\n')}\n`);
  await tc([
    ...interfaces.map(({ device }) => `qdisc replace dev ${device} root handle 1: htb default 10 r2q 1000`),
    ...shape('add', given['rate-kbit']),
    ...interfaces.map(
      ({ device }) => `qdisc add dev ${device} parent 1:10 handle 10: bfifo limit ${QUEUE_BYTES}`,
    ),
  ]);
  const stamping = await stampingIfAsked(given);
  return {
    ...stamping,
    primitives: {
      'set-rate': async (asked) => {
        const { 'rate-kbit': kbit } = readParameters(asked, { 'rate-kbit': rate });
        await tc(shape('change', kbit));
        return `${kbit} kbit/s`;
      },
    },
  };
};
