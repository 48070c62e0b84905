import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MusterError } from '../../protocol/errors.ts';
import { buildImage } from './build-image.ts';
import { bundleAgent } from './bundle-agent.ts';
import { makeOperatorKey, publicKeyOf, readOperatorKey } from './operator-key.ts';
import { verifyImage } from './verify-image.ts';
import { imageDigest } from './wrap-image.ts';

const folder = mkdtempSync(join(tmpdir(), 'muster-image-'));
const key = join(folder, 'keys', 'operator.key');
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => makeOperatorKey(key));

/** A tiny agent of two files in a folder of its own. */
function sourceIn(name: string): string {
  const own = join(folder, name);
  mkdirSync(join(own, 'inner'), { recursive: true });
  writeFileSync(
    join(own, 'inner', 'hello.ts'),
    `export const hello = (n: number): string => \`hello \${n}\`;\n`,
  );
  writeFileSync(
    join(own, 'main.ts'),
    `// ${name}\nimport { hello } from './inner/hello.ts';\nconsole.log(hello(7));\n`,
  );
  return join(own, 'main.ts');
}

const order = (changes: Partial<Parameters<typeof buildImage>[0]> = {}) => ({
  agent: 'a1',
  version: 1,
  capabilities: ['rate-limiter', 'link-monitor'],
  entry: sourceIn('one'),
  runtime: 'node' as const,
  jitless: false,
  key,
  outDir: join(folder, 'images'),
  ...changes,
});

it('gives the same digest for the same source, wherever it lies', async () => {
  const one = await buildImage(order());
  const two = await buildImage(order({ entry: sourceIn('two/deeper'), outDir: join(folder, 'other') }));
  expect(imageDigest(two.image.manifest)).toBe(imageDigest(one.image.manifest));
  expect(readFileSync(two.file, 'utf8')).toBe(readFileSync(one.file, 'utf8'));
});

it('bundles what Node runs from its standard input', async () => {
  const bundle = await bundleAgent(sourceIn('run'));
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-'], {
    input: bundle,
    encoding: 'utf8',
  });
  expect(stdout).toBe('hello 7\n');
});

it('verifies what was built, and names its signer', async () => {
  const { image, file } = await buildImage(order({ version: 3, jitless: true }));
  const verified = verifyImage(readFileSync(file, 'utf8'), publicKeyOf(`${key}.pub`));
  expect(verified.manifest).toEqual(image.manifest);
  expect(verified.manifest.policy.runtimeCode).toBe('none');
  expect(verified.manifest.capabilities).toEqual(['link-monitor', 'rate-limiter']);
});

it('refuses an image with any byte changed', async () => {
  const { file } = await buildImage(order());
  const text = readFileSync(file, 'utf8');
  expect(() => verifyImage(text)).not.toThrow();
  for (let at = 0; at < text.length; at += 1) {
    const changed = `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
    expect(
      refusalOf(() => verifyImage(changed)),
      `byte ${at}`,
    ).toBe(3);
  }
});

it('refuses an image that another operator signed', async () => {
  const other = join(folder, 'keys', 'other.key');
  makeOperatorKey(other);
  const { file } = await buildImage(order({ key: other }));
  expect(refusalOf(() => verifyImage(readFileSync(file, 'utf8'), publicKeyOf(`${key}.pub`)))).toBe(3);
});

it('keeps private keys private, and never writes over one', () => {
  expect(statSync(key).mode & 0o777).toBe(0o600);
  expect(() => makeOperatorKey(key)).toThrow(/EEXIST/);
  const open = join(folder, 'keys', 'open.key');
  writeFileSync(open, readFileSync(key), { mode: 0o644 });
  expect(() => readOperatorKey(open)).toThrow(/others may read it/);
});

it('ends with exit code 3 on the command line', async () => {
  const { file } = await buildImage(order({ outDir: join(folder, 'cli') }));
  const muster = (...args: readonly string[]) =>
    spawnSync(new URL('../../../bin/muster', import.meta.url).pathname, args, {
      encoding: 'utf8',
      cwd: folder,
    });
  expect(muster('image', 'verify', file).status).toBe(0);
  writeFileSync(file, readFileSync(file, 'utf8').replace('"version": 1', '"version": 2'));
  const refused = muster('image', 'verify', file);
  expect(refused.status).toBe(3);
  expect(refused.stderr).toContain('its signature does not fit its manifest');
});

/** Exit code of the refusal; 0: none. */
function refusalOf(run: () => unknown): number {
  try {
    run();
    return 0;
  } catch (error) {
    if (error instanceof MusterError) return error.exitCode;
    throw error;
  }
}
