import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { takeImage } from './take-image.ts';
import { signedImages } from './testing/signed-images.ts';

const folder = mkdtempSync(join(tmpdir(), 'muster-take-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const release = signedImages();
const running = release(1);

it('an image of the same operator and program is kept where nobody else reads it', async () => {
  const next = release(2);
  const { image, keep } = takeImage(next.text, running, join(folder, 'images'));
  await keep();
  expect(readFileSync(image.file, 'utf8')).toBe(next.text);
  expect(statSync(image.file).mode & 0o077).toBe(0);
  expect(image.verified.manifest.version).toBe(2);
});

it('one of another operator, of another program, or with a changed byte is refused', () => {
  const take = (text: string) => () => takeImage(text, running, folder);
  expect(take(signedImages()(2).text)).toThrow(/signed by another key/);
  expect(take(release(2, { agent: 'other' }).text)).toThrow(/the agents run agent for node/);
  expect(take(release(2, { runtime: 'native' }).text)).toThrow(/the agents run agent for node/);
  expect(take(release(2).text.replace('"version": 2', '"version": 3'))).toThrow(/signature does not fit/);
  expect(take('{}')).toThrow(/no image/);
});
