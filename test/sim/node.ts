import type { Sql } from '../../objects/shared/sql.ts';
import { type Life as CoreLife, Turns } from '../../objects/shared/turns.ts';
import { NodeSql } from '../support/node-sql.ts';
import { Injected } from './faults.ts';
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

/**
 * What both kinds of objects have: storage behind an output gate, turns that are the product's own (`Turns`), timers,
 * calls in and out, crashes of the process, exceptions in the middle of a turn.
 */
export abstract class SimObject<Core> {
  readonly name: string;
  readonly world: World;
  readonly gate: Gate;
  /** The core's view of the storage; a test may put something in between. */
  readonly sql: Sql;
  readonly turns: Turns<Core>;
  life: Life = newLife();

  /** @param atomic every turn is one transaction. */
  constructor(name: string, world: World, wrap: (sql: Sql) => Sql, atomic: boolean) {
    this.name = name;
    this.world = world;
    const storage = new NodeSql();
    const broken = (): void => world.faults.maybeThrow(`storage of ${name}`);
    this.sql = wrap({
      all: (query, ...values) => {
        broken();
        return storage.all(query, ...values);
      },
      run: (query, ...values) => {
        broken();
        storage.run(query, ...values);
      },
      transaction: (body) => storage.transaction(body),
    });
    this.gate = new Gate(
      storage,
      world.clock,
      () => world.faults.commitDelay(),
      () => this.committed(),
    );
    let kept: Core | undefined;
    let keptFor: Life | undefined;
    const forever: CoreLife = {
      turn: (body) => this.turns.life.turn(body),
      effect: (run) => this.turns.life.effect(run),
    };
    this.turns = new Turns<Core>({
      start: (life) => {
        if (!world.mutation.keepsMemory) return this.start(life);
        if (!kept || this.life !== keptFor) kept = this.start(forever);
        keptFor = this.life;
        return kept;
      },
      ...(atomic ? { atomic: (body) => storage.transaction(body) } : {}),
      crashed: (error, core) => {
        // An exception that nobody put there is a bug of the product; life.turn() would keep it to itself.
        if (!(error instanceof Injected)) world.bugs.push(error);
        world.trace?.(() => `${name}: a turn throws ${String(error)}`);
        this.threw(core);
      },
    });
  }

  protected abstract start(life: CoreLife): Core;
  /** What the shell does after a turn that threw. */
  protected abstract threw(core: Core | undefined): void;
  /** Memory is gone. */
  protected abstract forget(): void;
  protected abstract committed(): void;

  /** @returns whether the turn went to its end. */
  turn(body: (core: Core) => void): boolean {
    let whole = true;
    this.gate.turn(() => {
      try {
        this.turns.run(body);
      } catch {
        whole = false;
      }
    });
    return whole;
  }

  timer(core: CoreLife, ms: number, run: () => void): () => void {
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
      if (end()) this.gate.turn(() => core.turn(run));
    });
    return end;
  }

  /** A call by this object, sent with the commit of its turn. */
  ask<A>(
    core: CoreLife,
    to: string,
    execute: (reply: (answer: A | undefined) => void) => void,
    done: (answer: A | undefined) => void,
  ): void {
    this.world.faults.maybeThrow(`call by ${this.name}`);
    const life = this.life;
    core.effect(() => {
      life.calls++;
      this.gate.effect(() =>
        this.world.network.call<A>(this.name, to, execute, (answer) => {
          if (!life.alive) return;
          life.calls--;
          this.gate.turn(() => core.turn(() => done(answer)));
        }),
      );
    });
  }

  /** A call to this object: `run` is a turn; its answer goes out with the commit of the turn that gives it. */
  answer<A>(
    reply: (answer: A | undefined) => void,
    run: (core: Core, done: (answer: A) => void) => void,
  ): void {
    const life = this.life;
    life.asked.add(reply);
    this.gate.turn(() =>
      this.turns.ask<A>(run, (answer) => {
        if (!life.alive) return;
        if (answer === undefined) this.world.counts.unanswered++;
        this.gate.effect(() => {
          if (life.asked.delete(reply)) reply(answer);
        });
      }),
    );
  }

  get inMemory(): boolean {
    return this.turns.awake;
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
    this.turns.end();
    this.forget();
    for (const reply of asked) reply(undefined);
  }
}
