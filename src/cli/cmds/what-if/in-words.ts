import { changeInWords, fared, secondsInWords as seconds } from '../../../core/explain/what-if-in-words.ts';
import type { WhatIfResult, WhatIfView } from '../../../protocol/what-if.ts';

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
