import { beforeEach, describe, expect, test } from 'vitest';
import { type Life, Turns } from '../../../../objects/shared/turns.ts';
import { NodeSql } from '../../../support/node-sql.ts';

class Core {
  readonly life: Life;
  said = 0;
  constructor(life: Life) {
    this.life = life;
  }
}

let sent: string[];
let crashes: unknown[];
let turns: Turns<Core>;
let cores: Core[];
let sql: NodeSql;
beforeEach(() => {
  sent = [];
  crashes = [];
  cores = [];
  sql = new NodeSql();
  sql.run('CREATE TABLE t (v TEXT)');
  turns = new Turns<Core>({
    start: (life) => {
      const core = new Core(life);
      cores.push(core);
      return core;
    },
    atomic: (body) => sql.transaction(body),
    crashed: (error) => crashes.push(error),
  });
});
const rows = (): number => sql.all('SELECT v FROM t').length;
const bug = (): never => {
  throw new Error('bug');
};

describe('a turn', () => {
  test('sends at its end, in order', () => {
    turns.run((core) => {
      core.life.effect(() => sent.push('a'));
      core.life.effect(() => sent.push('b'));
      expect(sent).toEqual([]);
    });
    expect(sent).toEqual(['a', 'b']);
  });

  test('P1 that throws sends nothing, writes nothing, and its memory is gone', () => {
    turns.run((core) => core.said++);
    const turn = () =>
      turns.run((core) => {
        core.said++;
        sql.run("INSERT INTO t VALUES ('x')");
        core.life.effect(() => sent.push('a'));
        bug();
      });
    expect(turn).toThrow('bug');
    expect([sent, rows(), turns.awake, crashes.length]).toEqual([[], 0, false, 1]);
    expect(turns.run((core) => core.said)).toBe(0);
    expect(cores.length).toBe(2);
  });

  test('that throws is the last of its life: no timer and no answer to a call of it acts', () => {
    const first = turns.run((core) => core);
    expect(() => turns.run(bug)).toThrow();
    first.life.turn(() => sent.push('a timer'));
    first.life.effect(() => sent.push('an effect'));
    expect([sent, cores.length]).toEqual([[], 1]);
    // One of the new life does.
    turns.run((core) => core).life.turn(() => sent.push('a timer'));
    expect(sent).toEqual(['a timer']);
  });

  test('of a timer that throws ends the life too, and tells nobody but the owner', () => {
    const { life } = turns.run((core) => core);
    life.turn(bug);
    expect([turns.awake, crashes.length]).toEqual([false, 1]);
  });

  test('that can not even start is told, and the next tries anew', () => {
    let broken = true;
    const fragile = new Turns<number>({
      start: () => (broken ? bug() : 1),
      crashed: (error, core) => crashes.push([error, core]),
    });
    expect(() => fragile.run((n) => n)).toThrow('bug');
    expect(crashes).toEqual([[expect.any(Error), undefined]]);
    broken = false;
    expect(fragile.run((n) => n)).toBe(1);
  });
});

describe('who waits for an answer', () => {
  test('gets it at the end of the turn that gives it', () => {
    let answer: ((value: number) => void) | undefined;
    const got: (number | undefined)[] = [];
    turns.ask<number>(
      (_, done) => {
        answer = done;
      },
      (value) => got.push(value),
    );
    turns.run(() => {
      answer?.(1);
      expect(got).toEqual([]);
    });
    expect(got).toEqual([1]);
  });

  test('P8 is told that none comes when a turn throws, each once', () => {
    const got: (number | undefined)[] = [];
    let late: ((value: number) => void) | undefined;
    for (let i = 0; i < 3; i++)
      turns.ask<number>(
        (_, done) => {
          late = done;
        },
        (value) => got.push(value),
      );
    turns.ask<number>(bug, (value) => got.push(value));
    expect(got).toEqual([undefined, undefined, undefined, undefined]);
    late?.(1);
    expect(got.length).toBe(4);
  });

  test('is told nothing when the object leaves memory: the platform does', () => {
    const got: unknown[] = [];
    turns.ask<number>(
      () => {},
      (value) => got.push(value),
    );
    turns.end();
    expect([got, crashes, turns.awake]).toEqual([[], [], false]);
  });
});
