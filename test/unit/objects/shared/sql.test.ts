import { describe, expect, test } from 'vitest';
import { refuseLongRow } from '../../../../objects/shared/sql.ts';
import { NodeSql } from '../../../support/node-sql.ts';

describe('a row longer than the platform takes', () => {
  test.each([
    ['ASCII', 'x', 2_000_000],
    ['two bytes a character', 'é', 1_000_000],
    ['three', '好', 666_666],
    ['four', '😀', 500_000],
  ])('P8 is refused here too, counted in bytes: %s', (_, character, most) => {
    expect(() => refuseLongRow([character.repeat(most)])).not.toThrow();
    expect(() => refuseLongRow([character.repeat(most), 'xxxx'])).toThrow('too big');
  });

  test('leaves the storage as it was', () => {
    const sql = new NodeSql();
    sql.run('CREATE TABLE t (v TEXT)');
    expect(() => sql.run('INSERT INTO t VALUES (?)', 'x'.repeat(2_000_001))).toThrow('too big');
    expect(sql.all('SELECT * FROM t')).toEqual([]);
  });
});
