import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IMAGE_SUFFIX } from '../../src/protocol/image.ts';
import type { AgentImage } from '../../src/runtime/genuine/agent-image.ts';
import { defaultImage } from '../../src/runtime/image/build-image.ts';
import { spkiOf } from '../../src/runtime/image/operator-key.ts';
import { readImage } from '../../src/runtime/image/read-image.ts';
import { imageText, wrapImage } from '../../src/runtime/image/wrap-image.ts';

/** Whether the process with that pid, started from the stubborn image, ends neither on SIGTERM nor when its channels close. */
export const isStubborn = (pid: number): boolean => pid % 4 !== 0;

/** The product's agent ends with its channels, by `process.exit`, and on SIGTERM because nobody listens for it. */
const STUBBORN = `if (process.pid % 4 !== 0) { process.on('SIGTERM', () => {}); process.exit = () => {}; setInterval(() => {}, 1e6); }\n`;

/** An operator's image of the product's own agent, of which three processes in four will not leave of themselves. `dir` is the caller's to remove. */
export async function stubbornImage(): Promise<AgentImage & { readonly dir: string }> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const { manifest, bundle } = await defaultImage(privateKey);
  const { format: _, bundleSha256: __, bundleBytes: ___, ...about } = manifest;
  const changed = Buffer.concat([Buffer.from(STUBBORN), Buffer.from(bundle, 'base64')]);
  const dir = mkdtempSync(join(tmpdir(), 'muster-stubborn-'));
  const file = join(dir, `agent${IMAGE_SUFFIX}`);
  writeFileSync(file, imageText(wrapImage(changed, about, privateKey)), { mode: 0o600 });
  const operatorKey = spkiOf(publicKey);
  return { file, operatorKey, verified: await readImage(file, operatorKey), dir };
}
