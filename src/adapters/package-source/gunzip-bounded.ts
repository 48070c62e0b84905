import { createGunzip } from 'node:zlib';
import { PACKAGE_LIMITS, RATIO_FROM_BYTES, refuse, type SourceResult } from './package-limits.ts';

/** Bytes that are looked at before the next are unpacked. */
const CHUNK = 64 * 1024;

export interface UnpackLimits {
  readonly unpackedBytes: number;
  readonly ratio: number;
}

/** Unpacks gzip, and stops as soon as more comes out than a package may have: of a bomb no more than one chunk too many is ever in memory. */
export async function gunzipBounded(
  packed: Uint8Array,
  limits: UnpackLimits = PACKAGE_LIMITS,
): Promise<SourceResult<Uint8Array>> {
  const gunzip = createGunzip({ chunkSize: CHUNK });
  const chunks: Buffer[] = [];
  let length = 0;
  gunzip.end(packed);
  try {
    for await (const chunk of gunzip) {
      // The stream is not in object mode.
      const bytes = chunk as Buffer;
      chunks.push(bytes);
      length += bytes.length;
      if (length > limits.unpackedBytes) {
        return refuse(
          `it unpacks to more than ${limits.unpackedBytes} bytes`,
          'leave large files out: images are mapped in the configuration of the site',
        );
      }
      if (length > RATIO_FROM_BYTES && length > packed.length * limits.ratio) {
        return refuse(
          `it unpacks to more than ${limits.ratio} times its size: that is a bomb`,
          'leave files that are mostly empty out',
        );
      }
    }
  } catch {
    return refuse('it is damaged: it cannot be unpacked', 'pack it again, or fetch it again');
  } finally {
    gunzip.destroy();
  }
  return { ok: true, value: Buffer.concat(chunks, length) };
}

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}
