/** The storage the unit tests and the simulation run on behaves like the one in production. */
import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { durableSql } from '../../objects/shared/durable/sql.ts';
import { migrateContract } from '../contract/migrate-contract.ts';
import { type OpenSql, sqlContract } from '../contract/sql-contract.ts';

/** An object nobody uses: its own code writes nothing before it is asked for something. */
const open: OpenSql = (body) => {
  const stub = env.CONVERSATIONS.get(env.CONVERSATIONS.newUniqueId()) as unknown as DurableObjectStub;
  return runInDurableObject(stub, (_, { storage }) => body(durableSql(storage)));
};

sqlContract('Durable Object storage', open);
migrateContract('Durable Object storage', open);
