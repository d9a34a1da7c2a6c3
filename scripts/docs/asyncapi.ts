// The sockets as an AsyncAPI 3 document, from the tables of frames. Its actions are the service's: it receives what
// clients send up.
import type { Check } from '../../schema/protocol/check.ts';
import { FATAL_BYTES, PING, PONG } from '../../schema/protocol/constants.ts';
import { DOWN } from '../../schema/protocol/down.ts';
import { ERRORS } from '../../schema/protocol/errors.ts';
import { id } from '../../schema/protocol/ids.ts';
import { DEFAULT_LIMITS } from '../../schema/protocol/limits.ts';
import { UP } from '../../schema/protocol/up.ts';
import { PROTOCOL_VERSION } from '../../schema/protocol/version.ts';
import { Schemas } from './named-schemas.ts';
import type { Document } from './openapi.ts';

type Frames = { readonly [type: string]: Check<unknown> };
type Direction = 'up' | 'down';

/** Frames that answer a frame, by the type of the one they answer. Everything may also be answered by `error`. */
const REPLIES: { readonly [up: string]: readonly string[] } = {
  hello: ['welcome', 'batch', 'synced', 'error'],
  send: ['ack', 'error'],
  edit: ['ack', 'error'],
  delete: ['ack', 'error'],
  react: ['ack', 'error'],
  pull: ['batch', 'error'],
  watch: ['presence', 'error'],
  ping: ['pong'],
};

const CHANNELS = {
  user: {
    address: '/v1/ws',
    title: "The user's socket",
    description: 'Everything of one user, on one device.',
  },
  conversation: {
    address: '/v1/conversations/{c}/ws',
    title: 'A socket to one conversation',
    description: 'The frames of one conversation alone, for rooms in another product and for channels.',
    parameters: { c: { description: 'The conversation.' } },
  },
} as const;

/** @returns the document as plain data */
export function asyncapi(): Document {
  const schemas = new Schemas();
  const messages = { ...messagesOf('up', UP, schemas), ...messagesOf('down', DOWN, schemas) };
  return {
    asyncapi: '3.1.0',
    info: {
      title: 'Parley sockets',
      version: `${PROTOCOL_VERSION}.0.0`,
      description: about(),
      license: { name: 'MIT' },
      tags: [
        { name: 'up', description: 'From the client to the service.' },
        { name: 'down', description: 'From the service to the client.' },
      ],
    },
    defaultContentType: 'application/json',
    servers: {
      deployment: {
        host: '{host}',
        protocol: 'wss',
        protocolVersion: '13',
        description: 'The deployment this document comes from.',
        variables: { host: { default: 'localhost:8787', description: 'Host and port.' } },
        security: [
          { $ref: '#/components/securitySchemes/accessToken' },
          { $ref: '#/components/securitySchemes/subProtocol' },
        ],
      },
    },
    channels: Object.fromEntries(
      Object.entries(CHANNELS).map(([name, channel]) => [
        name,
        {
          ...channel,
          servers: [{ $ref: '#/servers/deployment' }],
          messages: Object.fromEntries(
            Object.keys(messages).map((key) => [key, { $ref: `#/components/messages/${key}` }]),
          ),
          bindings: { ws: { method: 'GET' } },
        },
      ]),
    ),
    operations: { ...operationsOf('up', UP), ...operationsOf('down', DOWN) },
    components: {
      messages,
      schemas: { ...schemas.components, ConversationId: id.json },
      securitySchemes: {
        accessToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'The header `Authorization: Bearer <accessToken>` of the upgrade.',
        },
        subProtocol: {
          type: 'httpApiKey',
          in: 'header',
          name: 'Sec-WebSocket-Protocol',
          description: 'For browsers: the sub-protocols `parley.v1` and `parley.bearer.<accessToken>`.',
        },
      },
    },
  };
}

function about(): string {
  const codes = Object.entries(ERRORS)
    .filter(([, row]) => row.close !== 0)
    .map(([code, row]) => `${row.close} \`${code}\``);
  return [
    `One frame is one text message with one JSON object that has a \`type\`, at most ${DEFAULT_LIMITS.frameBytes} bytes;`,
    `above ${FATAL_BYTES} the socket closes.`,
    'The first frame is the client’s `hello`. Ignore fields and frames you do not know.',
    `Close codes: ${[...new Set(codes)].join(', ')}.`,
  ].join(' ');
}

const keyOf = (direction: Direction, type: string): string => `${direction}-${type}`;

function messagesOf(direction: Direction, frames: Frames, schemas: Schemas): { [key: string]: Document } {
  return Object.fromEntries(
    Object.entries(frames).map(([type, check]) => [
      keyOf(direction, type),
      {
        name: type,
        title: type,
        summary: String(check.json.description),
        contentType: 'application/json',
        tags: [{ name: direction }],
        payload: schemas.use(check.json),
        ...(EXAMPLES[type] ? { examples: [{ payload: EXAMPLES[type] }] } : {}),
      },
    ]),
  );
}

const EXAMPLES: { readonly [type: string]: unknown } = { ping: JSON.parse(PING), pong: JSON.parse(PONG) };

function operationsOf(direction: Direction, frames: Frames): Document {
  const channel = { $ref: '#/channels/user' };
  const message = (key: string) => ({ $ref: `#/channels/user/messages/${key}` });
  return Object.fromEntries(
    Object.entries(frames).map(([type, check]) => {
      const replies = direction === 'up' ? REPLIES[type] : undefined;
      return [
        keyOf(direction, type),
        {
          action: direction === 'up' ? 'receive' : 'send',
          channel,
          summary: String(check.json.description),
          messages: [message(keyOf(direction, type))],
          ...(replies ? { reply: { channel, messages: replies.map((r) => message(keyOf('down', r))) } } : {}),
        },
      ];
    }),
  );
}
