import { NodeSql } from '../support/node-sql.ts';
import { migrateContract } from './migrate-contract.ts';
import { type OpenSql, sqlContract } from './sql-contract.ts';

const open: OpenSql = (body) => {
  const sql = new NodeSql();
  try {
    body(sql);
  } finally {
    sql.close();
  }
};

sqlContract('node:sqlite', open);
migrateContract('node:sqlite', open);
