/**
 * A 32-bit FNV-1a hash of conversation and bidder. On equal prices the lowest wins: nobody can always win, and everyone
 * can recompute it.
 */
export function tieBreak(conversationId: string, bidder: string): number {
  let hash = 0x811c9dc5;
  const text = `${conversationId}/${bidder}`;
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}
