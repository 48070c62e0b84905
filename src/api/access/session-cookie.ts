import { parseCookie } from 'cookie';

export const SESSION_COOKIE = 'muster-session';

/** Pages of others cannot send it, for they are not asked whether they may: without it a cookie changes nothing. */
export const CONSOLE_HEADER = 'x-muster-console';

/** The secret in a browser's cookie; empty: it has none. */
export function cookieOf(header: string | undefined): string {
  if (header === undefined || header.length > 8192) return '';
  return parseCookie(header)[SESSION_COOKIE] ?? '';
}
