import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { attach, type SocketLike, webSocketTransport } from '../../../client/transport.ts';

let server: WebSocketServer;
let url = '';

beforeAll(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'parley.v1' });
  await once(server, 'listening');
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  server.on('connection', (socket, { headers }) => {
    socket.on('message', (data) => {
      socket.send(`${headers['sec-websocket-protocol']?.replaceAll(' ', '')} ${data}`);
      socket.close(4401, 'stale');
    });
  });
});

afterAll(() => {
  server.close();
});

/** What happens on a socket that says `hi`, until it is closed. */
function life(transport: (url: string, token: string) => SocketLike, to: string): Promise<string[]> {
  return new Promise((done) => {
    const told: string[] = [];
    const socket = transport(to, 'a.b-c');
    attach(socket, {
      opened: () => {
        told.push('opened');
        socket.send('hi');
      },
      text: (text) => told.push(text),
      closed: ({ code, reason }) => done([...told, `closed ${code} ${reason}`]),
    });
  });
}

test.each([
  ['the package ws', webSocketTransport(WebSocket)],
  ['the platform', webSocketTransport()],
])('%s: the token travels as a sub-protocol, and a close comes last with its code', async (_, transport) => {
  expect(await life(transport, url)).toEqual([
    'opened',
    'parley.v1,parley.bearer.a.b-c hi',
    'closed 4401 stale',
  ]);
  expect(await life(transport, 'ws://127.0.0.1:1')).toEqual(['closed 1006 ']);
});
