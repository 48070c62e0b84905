import { PACKAGE_LIMITS, refuse, type SourceResult } from './package-limits.ts';

const PACK_AGAIN = 'pack it again from within its folder: tar czf package.tar.gz my_vnf';

/** A path of an archive as it may be used: relative, with `/`, without a way out. `./` before and `/` behind are dropped. */
export function safePath(raw: string): SourceResult<string> {
  const no = (message: string) => refuse(message, PACK_AGAIN, raw);
  if (raw.length > PACKAGE_LIMITS.pathChars) {
    return no(`a path of ${raw.length} characters: at most ${PACKAGE_LIMITS.pathChars} are taken`);
  }
  if (raw.startsWith('/') || /^[A-Za-z]:/.test(raw)) return no('a path that begins at the root');
  if (raw.includes('\\') || /[\p{Cc}\p{Cf}\ufffd]/u.test(raw))
    return no('a path with characters that names do not have');
  const parts = raw.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) return no('a path that climbs out of the package');
  if (parts.length > PACKAGE_LIMITS.depth)
    return no(`more than ${PACKAGE_LIMITS.depth} folders in one another`);
  return { ok: true, value: parts.join('/') };
}
