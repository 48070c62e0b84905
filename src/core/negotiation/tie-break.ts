/**
 * A 32-bit FNV-1a hash of conversation and bidder, mixed as MurmurHash3 ends (fmix32). On equal prices the lowest wins: nobody can
 * always win, and everyone can recompute it. Without the mixing, names that differ in their last letter alone are not drawn evenly:
 * of b000 to b009 the last two would win half of all ties.
 */
export function tieBreak(conversationId: string, bidder: string): number {
  let hash = 0x811c9dc5;
  const text = `${conversationId}/${bidder}`;
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
