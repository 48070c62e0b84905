import {
  changeInWords,
  type Outcome,
  type WhatIfResult,
  type WhatIfView,
} from '../../../protocol/what-if.ts';

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB/s`;

/** What came of it, beside what came of no change. */
export function whatIfInWords({ id, order, note, result }: WhatIfView): readonly string[] {
  const head = `${id}: what if ${changeInWords(order.change)}?`;
  if (result === null) return [head, `  ${note}`];
  return [
    head,
    `  run ${order.seconds} s ahead, seed ${order.seed}; changed ${seconds(result.changeAtMs)} after the fork`,
    ...result.services.flatMap((each) => serviceInWords(each)),
    ...result.operations.map((each) => `  ${each.service}: ${each.change} ${each.state}: ${each.reason}`),
    ...attackInWords(result.attack),
    ...fuller(
      'host',
      result.hosts.map((each) => ({ ...each, id: each.name })),
    ),
    ...fuller('link', result.links),
    ...result.taken.map((each) => `  taken: ${each}`),
    ...result.assumed.map((each) => `  assumed: ${each}`),
    `  look at it: muster why --run runs/${id}; throw it away: muster what-if delete ${id}; prepare for it: muster what-if apply ${id}`,
  ];
}

function serviceInWords({
  name,
  unchanged,
  changed,
  moved,
}: WhatIfResult['services'][number]): readonly string[] {
  return [
    `  ${name}: ${fared(changed)}; without the change: ${fared(unchanged)}`,
    ...moved.map(({ of, from, to }) => `    ${of}: ${from ?? 'new'} -> ${to ?? 'gone'}`),
  ];
}

/** How it fared from the change on. */
export function fared({ served, brokenMs, wholeAfterMs, goodput, requestsLate, answerMs }: Outcome): string {
  const whole =
    served === null
      ? []
      : brokenMs === 0
        ? ['whole all the time']
        : [
            `broken for ${seconds(brokenMs)}, ${wholeAfterMs === null ? 'and not whole at the end' : `whole again after ${seconds(wholeAfterMs)}`}`,
          ];
  const people = `${kilobytes(goodput)} to people, ${requestsLate} late`;
  return [...whole, people, ...(answerMs === null ? [] : [`answers in ${answerMs.toFixed(1)} ms`])].join(
    ', ',
  );
}

function attackInWords(attack: WhatIfResult['attack']): readonly string[] {
  if (attack === null) return [];
  const after = (ms: number | null) =>
    ms === null ? 'never' : `after ${seconds(ms - (attack.startMs ?? 0))}`;
  return [
    `  attack: detected ${after(attack.detectedMs)}, limited ${after(attack.firstLimitMs)}, all ${attack.sources.length} sources blocked ${after(attack.allSourcesBlockedMs)}, ${attack.blockedWrongly} blocked wrongly`,
  ];
}

function fuller(
  what: string,
  all: readonly {
    readonly id: string;
    readonly total: number;
    readonly unchanged: number;
    readonly changed: number;
  }[],
): readonly string[] {
  const percent = (part: number, of: number) => `${of === 0 ? 0 : Math.round((100 * part) / of)} %`;
  return all
    .filter(({ unchanged, changed }) => Math.abs(unchanged - changed) > 1e-9)
    .map(
      ({ id, total, unchanged, changed }) =>
        `  ${what} ${id}: ${percent(changed, total)} booked; without the change: ${percent(unchanged, total)}`,
    );
}
