import { MusterError } from '../protocol/errors.ts';

/** The whole number that a flag was given. Throws MusterError for what is none, or beyond `most`. */
export function wholeNumber(flag: string, text: string, most = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= most) return value;
  const bound = most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`;
  const wrong = /^-?\d+$/.test(text) ? 'out of its bounds' : 'not a whole number';
  throw new MusterError('USAGE', `--${flag}: ${wrong}: ${text}`, {
    hint: `--${flag} takes a whole number from 0${bound}`,
  });
}
