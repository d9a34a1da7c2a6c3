import { createServer, type Server } from 'node:http';

/** Stands in front of the service and, when told so, serves its web app as if another version had been deployed. */
export class OtherVersion {
  readonly #server: Server;
  #changed = false;

  private constructor(url: string) {
    this.#server = createServer(async (request, response) => {
      const path = request.url ?? '/';
      const answer = await fetch(`${url}${path}`, { headers: { accept: request.headers.accept ?? '*/*' } });
      const body = Buffer.from(await answer.arrayBuffer());
      const type = answer.headers.get('content-type') ?? 'text/plain';
      response.writeHead(answer.status, { 'content-type': type, 'cache-control': 'no-cache' });
      response.end(this.#changed ? changed(path, body) : body);
    });
  }

  static async before(url: string): Promise<OtherVersion> {
    const proxy = new OtherVersion(url);
    await new Promise<void>((listening) => proxy.#server.listen(0, '127.0.0.1', listening));
    return proxy;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('it does not listen');
    return `http://127.0.0.1:${address.port}`;
  }

  deploy(): void {
    this.#changed = true;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

/** The shell says that it is another one; the service worker has another version, as it would after a build. */
function changed(path: string, body: Buffer): Buffer | string {
  const text = body.toString();
  if (path === '/') return text.replace('<html ', '<html data-deployed="second" ');
  if (path !== '/service-worker.js') return body;
  const other = text.replace(/(?<=[`"}])[0-9a-f]{16}(?=[`"])/, '0123456789abcdef');
  if (other === text) throw new Error('there is no version in the service worker');
  return other;
}
