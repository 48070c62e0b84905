import { z } from 'zod';
import { ImageSchema } from '../../protocol/image.ts';
import type { EndpointFacts } from '../http/endpoint.ts';
import { NOTHING } from '../http/endpoint.ts';
import { PACKAGE_TYPES } from '../packages/onboard-upload.ts';
import { SCHEMA_NAMES } from './schema-names.ts';

type JsonObject = { readonly [key: string]: unknown };

export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: JsonObject;
  readonly servers: readonly JsonObject[];
  readonly security: readonly JsonObject[];
  readonly tags: readonly JsonObject[];
  readonly paths: Readonly<Record<string, JsonObject>>;
  readonly components: { readonly schemas: JsonObject; readonly securitySchemes: JsonObject };
}

const FORM = {
  type: 'object',
  properties: { files: { type: 'array', items: { type: 'string', format: 'binary' } } },
};
const SCHEMAS = '#/components/schemas/';

/** The API as OpenAPI 3.1, from what is served and the schemas by which it is checked. */
export function openApiDocument(endpoints: readonly EndpointFacts[]): OpenApiDocument {
  const schemas = componentSchemas();
  const paths: Record<string, Record<string, JsonObject>> = {};
  for (const each of endpoints) {
    const path = paths[each.path] ?? {};
    paths[each.path] = path;
    path[each.method.toLowerCase()] = operationOf(each);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Muster',
      version: '0.1.0',
      description:
        'Network services over many sites: ETSI GS NFV-SOL 005, the paths of Open Source MANO below /osm, and our own below /v1.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }],
    tags: [...new Set(endpoints.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas,
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'of `muster up`, or of `muster token create`' },
      },
    },
  };
}

function operationOf(endpoint: EndpointFacts): JsonObject {
  const { method, path, tag, summary, takes, open, answers } = endpoint;
  const body = bodyOf(endpoint);
  const responses = Object.fromEntries(
    Object.entries(answers).map(([status, { description, schema, type }]) => [
      status,
      {
        description,
        ...(type !== undefined ? { content: { [type]: {} } } : {}),
        ...(schema === undefined ? {} : { content: contentOf(path, schemaOf(schema, 'output')) }),
      },
    ]),
  );
  return {
    operationId: `${method.toLowerCase()}${path.replaceAll(/[^A-Za-z0-9]+(\w)/g, (_, letter: string) => letter.toUpperCase()).replaceAll(/\W/g, '')}`,
    tags: [tag],
    summary,
    ...(open === true ? { security: [] } : {}),
    parameters: [
      ...parametersOf(endpoint.params, 'path', path),
      ...parametersOf(endpoint.query, 'query', path),
    ],
    ...(takes === 'nothing' ? {} : { requestBody: body }),
    responses: {
      ...responses,
      default: {
        description: 'A problem: what happened, and what to do next',
        content: {
          'application/problem+json': { schema: { $ref: `${SCHEMAS}ProblemDetails` } },
          ...(path.startsWith('/osm/')
            ? { 'application/yaml': { schema: { $ref: `${SCHEMAS}ProblemDetails` } } }
            : {}),
        },
      },
    },
  };
}

function bodyOf({ takes, body, path }: EndpointFacts): JsonObject {
  if (takes === 'package') {
    return { required: true, content: Object.fromEntries(PACKAGE_TYPES.map((type) => [type, {}])) };
  }
  if (takes === 'files') return { required: true, content: { 'multipart/form-data': { schema: FORM } } };
  if (takes === 'image')
    return { required: true, content: contentOf(path, schemaOf(ImageSchema, 'input'), false) };
  return {
    required: !body.safeParse(undefined).success,
    content: contentOf(path, schemaOf(body, 'input'), true),
  };
}

/** Documents are taken as JSON and YAML everywhere, and answered as YAML below `/osm`. */
function contentOf(path: string, schema: JsonObject, yaml = path.startsWith('/osm/')): JsonObject {
  return { 'application/json': { schema }, ...(yaml ? { 'application/yaml': { schema } } : {}) };
}

function parametersOf(schema: z.ZodType, place: 'path' | 'query', path: string): readonly JsonObject[] {
  const names = place === 'path' ? [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name) : undefined;
  const shape = schema instanceof z.ZodObject ? schema.shape : {};
  return (names ?? Object.keys(shape)).map((name) => {
    const own: unknown = shape[name];
    const field = own instanceof z.ZodType ? own : z.string();
    return {
      name,
      in: place,
      required: place === 'path' || !field.safeParse(undefined).success,
      ...(field.description === undefined ? {} : { description: field.description }),
      schema: place === 'path' ? { type: 'string' } : schemaOf(field, 'input'),
    };
  });
}

/** A schema that has a name is referred to. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  if (schema === NOTHING) return {};
  const name = SCHEMA_NAMES.get(schema);
  if (name !== undefined) return { $ref: `${SCHEMAS}${name}` };
  if (schema instanceof z.ZodArray && schema.element instanceof z.ZodType) {
    return { type: 'array', items: schemaOf(schema.element, io) };
  }
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}

function componentSchemas(): JsonObject {
  const registry = z.registry<{ id: string }>();
  for (const [schema, id] of SCHEMA_NAMES) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    io: 'input',
    unrepresentable: 'any',
    uri: (id) => `${SCHEMAS}${id}`,
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema]),
  );
}
