import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { publishedInstances } from './instances.ts';

test('what is published by its hash is what is generated', () => {
  const published = readFileSync(new URL('instances.txt', import.meta.url), 'utf8');
  const lines = published.trimEnd().split('\n');
  expect(lines).toHaveLength(50);
  for (const { name, hash } of publishedInstances(1)) expect(lines).toContain(`${hash}  ${name}`);
});
