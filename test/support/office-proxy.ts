import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** A proxy as some offices have it: requests pass, sockets don't, unless `sockets` says so. */
export class OfficeProxy {
  sockets = false;
  upgrades = 0;
  polls = 0;
  /** Polls that are not answered yet. */
  polling = 0;
  readonly #server: Server;
  readonly #lines = new Set<Socket>();

  constructor(to: () => number) {
    this.#server = createServer((from, answer) => {
      if (from.url === '/v1/poll') {
        this.polls++;
        this.polling++;
        answer.once('close', () => this.polling--);
      }
      const { method, url, headers } = from;
      const on = request({ host: '127.0.0.1', port: to(), method, path: url, headers }, (back) => {
        answer.writeHead(back.statusCode ?? 502, back.headers);
        back.pipe(answer);
      });
      on.once('error', () => answer.destroy());
      answer.once('close', () => on.destroy());
      from.pipe(on);
    });
    this.#server.on('upgrade', (from, line, head) => {
      this.upgrades++;
      if (!this.sockets) {
        line.destroy();
        return;
      }
      const on = connect(to(), '127.0.0.1', () => {
        const headers = from.rawHeaders
          .map((text, i) => (i % 2 === 0 ? `${text}: ` : `${text}\r\n`))
          .join('');
        on.write(`GET ${from.url} HTTP/1.1\r\n${headers}\r\n`);
        on.write(head);
        on.pipe(line).pipe(on);
      });
      for (const end of [on, line as Socket]) {
        this.#lines.add(end);
        end.once('error', () => end.destroy());
        end.once('close', () => {
          on.destroy();
          line.destroy();
          this.#lines.delete(end);
        });
      }
    });
  }

  /** Sockets that are open through it. */
  get open(): number {
    return this.#lines.size / 2;
  }

  /** Breaks the sockets that are open, and lets no other through. */
  cut(): void {
    this.sockets = false;
    for (const line of this.#lines) line.destroy();
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    for (const line of this.#lines) line.destroy();
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
