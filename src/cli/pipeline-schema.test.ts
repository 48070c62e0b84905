import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pipelineJsonSchema } from '../protocol/pipeline-descriptor.ts';

test('the published schema of pipelines is the one that the program uses', () => {
  const file = new URL('../../examples/pipeline/pipeline.schema.json', import.meta.url);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(pipelineJsonSchema())));
});
