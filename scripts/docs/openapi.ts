// The HTTP API as an OpenAPI 3.1 document, from the table of routes.
import type { JsonSchema } from '../../schema/protocol/check.ts';
import { ERRORS, type ErrorCode } from '../../schema/protocol/errors.ts';
import { ROUTES } from '../../schema/protocol/http.ts';
import { type Answer, errorsOf, parametersOf, type Route, TAGS } from '../../schema/protocol/http-route.ts';
import { id } from '../../schema/protocol/ids.ts';
import { PROTOCOL_VERSION } from '../../schema/protocol/version.ts';
import { Schemas } from './named-schemas.ts';

export type Document = { readonly [key: string]: unknown };

const PARAMETERS: { readonly [name: string]: string } = {
  c: 'The conversation.',
  u: 'The user whose membership it is.',
  id: 'Its id.',
};

/** RFC 9457, with `code` to decide by. */
const PROBLEM: JsonSchema = {
  type: 'object',
  description: 'What went wrong, and what to do.',
  required: ['status', 'code', 'title', 'detail'],
  properties: {
    status: { type: 'integer', minimum: 400, maximum: 599, description: 'The HTTP status.' },
    code: { enum: Object.keys(ERRORS), description: 'Decide by this.' },
    title: { type: 'string', description: 'The code in words.' },
    detail: {
      type: 'string',
      description: 'Says what to do; safe to show. Names the field of a bad request.',
    },
    retryAfter: { type: 'number', minimum: 0, description: 'Seconds to wait, where waiting helps.' },
  },
};

/** @returns the document as plain data */
export function openapi(): Document {
  const schemas = new Schemas();
  const problem = schemas.add('Problem', PROBLEM);
  const paths: { [path: string]: { [method: string]: Document } } = {};
  for (const route of ROUTES) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] ??= {};
    paths[path][route.method.toLowerCase()] = operation(route, schemas, problem);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Parley',
      version: `${PROTOCOL_VERSION}.0.0`,
      summary: 'Chat over HTTP, and sockets to upgrade to.',
      description:
        'JSON in UTF-8, camelCase; times in milliseconds since 1970. Fields and routes may be added: ignore what you do not know. The frames of sockets and polls are described in `asyncapi.json`.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'The deployment this document comes from.' }],
    security: [{ accessToken: [] }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes: {
        accessToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: '`accessToken` of a session. Lasts until `expiresAt`; then `POST /v1/auth/refresh`.',
        },
      },
      schemas: schemas.components,
    },
  };
}

function operation(route: Route, schemas: Schemas, problem: JsonSchema): Document {
  return {
    operationId: route.id,
    tags: [route.tag],
    summary: route.summary,
    ...(route.about ? { description: route.about } : {}),
    ...(route.open ? { security: [] } : {}),
    parameters: [...pathParameters(route, schemas), ...queryParameters(route, schemas)],
    ...(route.body
      ? {
          requestBody: {
            required: !route.bodyOptional,
            content: { 'application/json': { schema: schemas.use(route.body.json) } },
          },
        }
      : {}),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.answers).map(([status, answer]) => [status, response(answer, schemas)]),
      ),
      ...problems(errorsOf(route), problem),
    },
  };
}

function pathParameters(route: Route, schemas: Schemas): Document[] {
  return parametersOf(route.path).map((name) => ({
    name,
    in: 'path',
    required: true,
    description: PARAMETERS[name],
    schema: schemas.use((route.parameters?.[name] ?? id).json),
  }));
}

function queryParameters(route: Route, schemas: Schemas): Document[] {
  const json = route.query?.json;
  if (!json) return [];
  const required = json.required as readonly string[];
  return Object.entries(json.properties as { [name: string]: JsonSchema }).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema: schemas.use(schema),
  }));
}

function response(answer: Answer, schemas: Schemas): Document {
  if (!answer.body) return { description: answer.what };
  return {
    description: answer.what,
    content: { 'application/json': { schema: schemas.use(answer.body.json) } },
  };
}

/** One response for each status, naming the codes it may carry. */
function problems(codes: readonly ErrorCode[], problem: JsonSchema): Document {
  const byStatus = Map.groupBy(codes, (code) => ERRORS[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, some]) => [
      status,
      {
        description: some.map((code) => `\`${code}\`: ${ERRORS[code].title}.`).join(' '),
        ...(status === 429 || status === 503 ? { headers: RETRY_AFTER } : {}),
        content: {
          'application/problem+json': {
            schema: { allOf: [problem, { type: 'object', properties: { code: { enum: some } } }] },
          },
        },
      },
    ]),
  );
}

const RETRY_AFTER = {
  'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer', minimum: 0 } },
};
