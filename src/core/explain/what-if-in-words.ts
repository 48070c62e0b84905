import type { Outcome, WhatIfChange } from '../../protocol/what-if.ts';

export const secondsInWords = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB/s`;

/** The change as a condition: "site2 is lost". */
export function changeInWords(change: WhatIfChange): string {
  switch (change.kind) {
    case 'lose-site':
      return `${change.site} is lost`;
    case 'more-users':
      return `${change.of ?? 'everything'} has ${change.factor} times as many users`;
    case 'attack':
      return `${change.target} is attacked by ${change.sources} sources with ${change.ratePps} SYN/s each`;
    default:
      return change satisfies never;
  }
}

/** How it fared from the change on. */
export function fared({ served, brokenMs, wholeAfterMs, goodput, requestsLate, answerMs }: Outcome): string {
  const whole =
    served === null
      ? []
      : brokenMs === 0
        ? ['whole all the time']
        : [
            `broken for ${secondsInWords(brokenMs)}, ${wholeAfterMs === null ? 'and not whole at the end' : `whole again after ${secondsInWords(wholeAfterMs)}`}`,
          ];
  const people = `${kilobytes(goodput)} to people, ${requestsLate} late`;
  return [...whole, people, ...(answerMs === null ? [] : [`answers in ${answerMs.toFixed(1)} ms`])].join(
    ', ',
  );
}
