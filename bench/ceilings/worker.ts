/**
 * What this machine and workerd can do at best, measured with the same means as the service uses: hibernating sockets,
 * calls between objects, one commit of SQLite on disk.
 */
import { DurableObject } from 'cloudflare:workers';

interface Env {
  readonly ECHO: DurableObjectNamespace<Echo>;
  readonly CALLER: DurableObjectNamespace<Caller>;
  readonly COMMITTER: DurableObjectNamespace<Committer>;
}

/** About what an `append` carries, so that a call here costs what a call there does. */
interface Parcel {
  readonly user: string;
  readonly text: string;
}

/** Sends back what it gets. */
export class Echo extends DurableObject<Env> {
  override fetch(): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(ws: WebSocket, message: string | ArrayBuffer): void {
    ws.send(message);
  }

  async call(parcel: Parcel): Promise<number> {
    return parcel.text.length;
  }
}

/** Answers once one row is on disk: the output gate holds the answer until then. */
export class Committer extends DurableObject<Env> {
  #ready = false;

  async call(parcel: Parcel): Promise<number> {
    const { sql } = this.ctx.storage;
    if (!this.#ready)
      sql.exec('CREATE TABLE IF NOT EXISTS entry (seq INTEGER PRIMARY KEY, user TEXT, body TEXT)');
    this.#ready = true;
    sql.exec('INSERT INTO entry (user, body) VALUES (?, ?)', parcel.user, parcel.text);
    return parcel.text.length;
  }
}

/** Calls one object, one call at a time, until the clock says stop. */
export class Caller extends DurableObject<Env> {
  async run(kind: 'call' | 'commit', target: string, until: number): Promise<number> {
    const parcel = { user: target, text: 'x'.repeat(100) };
    const stub =
      kind === 'call'
        ? this.env.ECHO.get(this.env.ECHO.idFromName(target))
        : this.env.COMMITTER.get(this.env.COMMITTER.idFromName(target));
    let calls = 0;
    for (; Date.now() < until && calls < 1_000_000; calls++) await stub.call(parcel);
    return calls;
  }
}

export default {
  /** `/echo`: a socket to the one Echo. `/call`, `/commit`: `callers` pairs of objects for `ms`; answers calls and ms. */
  async fetch(request: Request, env: Env): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname === '/echo') return env.ECHO.get(env.ECHO.idFromName('echo')).fetch(request);
    const kind = url.pathname === '/commit' ? 'commit' : 'call';
    const callers = Number(url.searchParams.get('callers'));
    const begin = Date.now();
    const until = begin + Number(url.searchParams.get('ms'));
    const counts = await Promise.all(
      Array.from({ length: callers }, (_, i) =>
        env.CALLER.get(env.CALLER.idFromName(`caller-${i}`)).run(kind, `target-${i}`, until),
      ),
    );
    return Response.json({ calls: counts.reduce((sum, n) => sum + n, 0), ms: Date.now() - begin });
  },
};
