import { afterEach, beforeEach, expect, test } from 'vitest';
import { STREAMS } from '../own/streams.ts';
import { type ApiBench, apiBench } from '../testing/api-bench.ts';
import { field } from '../testing/field.ts';

let bench: ApiBench;
let document: unknown;
beforeEach(async () => {
  bench = await apiBench();
  document = (await bench.ask('GET', '/openapi.json')).body;
});
afterEach(() => bench.close());

const METHODS = ['get', 'put', 'post', 'delete', 'patch'];

function operations() {
  return Object.entries(Object(field(document, 'paths'))).flatMap(([path, item]) =>
    Object.entries(Object(item)).map(([method, operation]) => ({ path, method, operation })),
  );
}

/** Every object within, with the way to it. */
function* objects(value: unknown, at = '#'): Generator<readonly [string, object]> {
  if (typeof value !== 'object' || value === null) return;
  yield [at, value];
  for (const [name, inner] of Object.entries(value))
    yield* objects(inner, `${at}/${name.replaceAll('/', '~1')}`);
}

test('what is served is described, and what is described is served', () => {
  const described = operations().map(({ path, method }) => `${method.toUpperCase()} ${path}`);
  expect(described.length).toBeGreaterThan(80);
  const streams = STREAMS.map(({ method, path }) => `${method} ${path}`);
  for (const { path: url } of STREAMS)
    expect([url, bench.api.hasRoute({ url, method: 'GET' })]).toEqual([url, true]);
  expect([...bench.routes, ...streams].sort()).toEqual(described.sort());
});

test('it is OpenAPI 3.1: its parts are there, its references lead somewhere, its names are unique', () => {
  expect(document).toMatchObject({
    openapi: '3.1.0',
    info: { title: 'Muster', version: expect.any(String) },
  });
  const ids = operations().map(({ operation }) => field(operation, 'operationId'));
  expect(new Set(ids).size).toBe(ids.length);
  const tags = Object.values(Object(field(document, 'tags'))).map((each) => field(each, 'name'));
  for (const { path, method, operation } of operations()) {
    expect(path).toMatch(/^\/[\w/{}.]+$/);
    expect(METHODS).toContain(method);
    expect(field(operation, 'summary')).toEqual(expect.any(String));
    expect(tags).toContain(field(operation, 'tags/0'));
    const parameters = Object.values(Object(field(operation, 'parameters')));
    const inPath = parameters.filter((each) => field(each, 'in') === 'path');
    expect(inPath.map((each) => `{${field(each, 'name')}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
    for (const each of parameters) {
      expect(Object.keys(Object(each))).toEqual(expect.arrayContaining(['name', 'in', 'schema', 'required']));
    }
    const responses = Object.entries(Object(field(operation, 'responses')));
    expect(responses.length).toBeGreaterThan(1);
    for (const [status, response] of responses) {
      expect(status).toMatch(/^([1-5]\d\d|default)$/);
      expect(field(response, 'description')).toEqual(expect.any(String));
    }
    if (method === 'get') expect(field(operation, 'requestBody')).toBeUndefined();
  }
  let references = 0;
  for (const [at, object] of objects(document)) {
    const reference = field(object, '$ref');
    if (typeof reference !== 'string') continue;
    references += 1;
    expect([at, field(document, reference.slice(2))]).toEqual([at, expect.any(Object)]);
    expect(reference).toMatch(/^#\/components\/schemas\/\w+$/);
  }
  expect(references).toBeGreaterThan(60);
  expect([...objects(document)].filter(([, each]) => Object.hasOwn(each, '$schema'))).toEqual([]);
});

test('bodies that it describes are those that are checked', () => {
  const schema = field(document, 'components/schemas/ScaleNsRequest');
  expect(schema).toMatchObject({ required: ['scaleType', 'scaleVnfData'], additionalProperties: false });
  expect(field(schema, 'properties/scaleVnfData/maxItems')).toBe(1);
  const put = field(document, 'paths');
  expect(
    Object.keys(
      Object(field(Object(put)['/nsd/v1/ns_descriptors/{nsdInfoId}/nsd_content'], 'put/requestBody/content')),
    ),
  ).toContain('application/gzip');
});
