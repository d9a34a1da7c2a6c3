import type { Sql } from '../../objects/shared/sql.ts';
import { NodeSql } from '../support/node-sql.ts';
import { Gate } from './gate.ts';
import type { World } from './world.ts';

/** One life of an object in memory. What belongs to a life that ended is dropped. */
export interface Life {
  alive: boolean;
  timers: number;
  /** Calls to others without an answer yet. */
  calls: number;
  /** Calls of others not answered yet. */
  readonly asked: Set<(answer: undefined) => void>;
}

const newLife = (): Life => ({ alive: true, timers: 0, calls: 0, asked: new Set() });

/** What both kinds of objects have: storage behind an output gate, turns, timers, calls in and out, crashes. */
export abstract class SimObject {
  readonly name: string;
  readonly world: World;
  readonly gate: Gate;
  /** The core's view of the storage; a test may put something in between. */
  readonly sql: Sql;
  life: Life = newLife();

  constructor(name: string, world: World, wrap: (sql: Sql) => Sql) {
    this.name = name;
    this.world = world;
    const storage = new NodeSql();
    this.sql = wrap(storage);
    this.gate = new Gate(
      storage,
      world.clock,
      () => world.faults.commitDelay(),
      () => this.committed(),
    );
  }

  /** Memory is gone. */
  protected abstract forget(): void;
  protected abstract committed(): void;

  turn(body: () => void): void {
    this.gate.turn(body);
  }

  timer(ms: number, run: () => void): () => void {
    const life = this.life;
    let open = true;
    const end = (): boolean => {
      if (!open || !life.alive) return false;
      open = false;
      life.timers--;
      return true;
    };
    life.timers++;
    this.world.clock.after(ms, () => {
      if (end()) this.turn(run);
    });
    return end;
  }

  /** A call by this object, sent with the commit of its turn. */
  ask<A>(
    to: string,
    execute: (reply: (answer: A | undefined) => void) => void,
    done: (answer: A | undefined) => void,
  ): void {
    const life = this.life;
    life.calls++;
    this.gate.effect(() =>
      this.world.network.call<A>(this.name, to, execute, (answer) => {
        if (!life.alive) return;
        life.calls--;
        this.turn(() => done(answer));
      }),
    );
  }

  /** A call to this object: `run` is a turn; its answer goes out with the commit of the turn that gives it. */
  answer<A>(reply: (answer: A | undefined) => void, run: (done: (answer: A) => void) => void): void {
    const life = this.life;
    life.asked.add(reply);
    this.turn(() =>
      run((answer) => {
        if (!life.alive) return;
        this.gate.effect(() => {
          life.asked.delete(reply);
          reply(answer);
        });
      }),
    );
  }

  /** Nothing keeps it in memory. */
  get idle(): boolean {
    const { timers, calls, asked } = this.life;
    return timers === 0 && calls === 0 && asked.size === 0 && this.gate.idle;
  }

  crash(committed: boolean): void {
    this.world.trace?.(() => `${this.name} crashes`);
    this.gate.crash(committed);
    this.#die();
  }

  /** Leaves memory while idle. */
  evict(): void {
    this.world.trace?.(() => `${this.name} leaves memory`);
    this.#die();
  }

  #die(): void {
    const { asked } = this.life;
    this.life.alive = false;
    this.life = newLife();
    this.forget();
    for (const reply of asked) reply(undefined);
  }
}
