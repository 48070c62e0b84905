import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createGuardSource } from '../../adapters/evidence-guard/guard-source.ts';
import { buildImage } from './build-image.ts';
import { makeOperatorKey } from './operator-key.ts';
import { specOfImage } from './spec-of-image.ts';
import { verifyImage } from './verify-image.ts';

const folder = mkdtempSync(join(tmpdir(), 'muster-spec-'));
const key = join(folder, 'operator.key');
afterAll(() => rmSync(folder, { recursive: true }));

it('runs an image from its file to evidence, with and without the compiler', async () => {
  makeOperatorKey(key);
  const entry = join(folder, 'main.ts');
  writeFileSync(
    entry,
    `import { Socket } from 'node:net';
     const control: Socket = new Socket({ fd: 3 });
     control.on('data', () => {});
     control.write(JSON.stringify({ kind: 'hello', name: process.argv[2] }) + '\\n');`,
  );
  const guard = await createGuardSource();
  try {
    for (const jitless of [false, true]) {
      const order = { agent: 'a1', version: 1, capabilities: [], runtime: 'node' as const };
      const { file, image } = await buildImage({ ...order, entry, jitless, key, outDir: folder });
      const said: unknown[] = [];
      const spec = specOfImage(verifyImage(readFileSync(file, 'utf8')), {
        arguments: ['north'],
        environment: {},
        node: { executable: process.execPath, major: Number(process.versions.node.split('.')[0]) },
        install: () => '',
      });
      const handle = await guard.start(spec, (line) => said.push(line));
      expect(said).toEqual([{ kind: 'hello', name: 'north' }]);
      expect(handle.bundleSha256).toBe(image.manifest.bundleSha256);
      const { ok, measurement } = await guard.measure(handle, Buffer.alloc(32));
      expect(ok).toBe(true);
      expect(measurement.parts.unhashedCode.bytes > 0).toBe(!jitless);
      await guard.stop(handle);
    }
  } finally {
    await guard.close();
  }
});
