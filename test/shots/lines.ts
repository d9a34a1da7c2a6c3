import type { Page, WebSocketRoute } from 'playwright-core';

const lines = new WeakMap<Page, Set<WebSocketRoute>>();

/** Sockets go through our hands: the browser keeps them open when it is told to be offline. */
export async function cuttable(page: Page): Promise<void> {
  const open = new Set<WebSocketRoute>();
  lines.set(page, open);
  await page.routeWebSocket('**/v1/ws', async (socket) => {
    if (!lines.has(page)) return socket.close();
    socket.connectToServer();
    open.add(socket);
  });
}

/** From here on there is no line. */
export async function cut(page: Page): Promise<void> {
  const open = lines.get(page) ?? new Set();
  lines.delete(page);
  await Promise.all([...open].map((socket) => socket.close()));
}

/** The service takes no message. */
export async function refusing(page: Page): Promise<void> {
  await page.routeWebSocket('**/v1/ws', (socket) => {
    const service = socket.connectToServer();
    socket.onMessage((message) => {
      const frame: unknown = JSON.parse(String(message));
      if (isSend(frame)) {
        const { clientId, conversation } = frame;
        const error = { type: 'error', code: 'forbidden', detail: 'Not now', clientId, conversation };
        socket.send(JSON.stringify(error));
      } else service.send(message);
    });
  });
}

interface Send {
  readonly type: 'send';
  readonly clientId: string;
  readonly conversation: string;
}

const isSend = (frame: unknown): frame is Send =>
  typeof frame === 'object' && frame !== null && 'type' in frame && frame.type === 'send';
