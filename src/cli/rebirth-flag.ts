import { Option } from 'commander';
import { wholeNumber } from './whole-number.ts';

const MOST_S = 86_400;

/** How often genuine agents are reborn; the default is that of `REBORN_EVERY_MS`. */
export function rebirthOption(): Option {
  return new Option(
    '--rebirth <s>',
    'seconds after which each genuine agent is reborn from measured bytes; 0: never',
  ).default('600');
}

/** In ms. Throws MusterError for what is no whole number of seconds, or more than a day. */
export function rebirthEvery(text: string): number {
  return 1000 * wholeNumber('rebirth', text, MOST_S);
}
