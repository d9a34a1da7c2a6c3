// Gives the schemas that the documents share a name, so that they are written once and referred to.
import type { Check, JsonSchema } from '../../schema/protocol/check.ts';
import * as content from '../../schema/protocol/content.ts';
import { DOWN, down } from '../../schema/protocol/down.ts';
import * as log from '../../schema/protocol/frames-log.ts';
import * as users from '../../schema/protocol/http-auth.ts';
import * as conversations from '../../schema/protocol/http-conversations.ts';
import * as ids from '../../schema/protocol/ids.ts';
import { UP, up } from '../../schema/protocol/up.ts';

const pascal = (name: string): string =>
  name.replace(/(?:^|[-_])(\w)/g, (_, letter: string) => letter.toUpperCase());

const isCheck = (value: unknown): value is Check<unknown> =>
  typeof value === 'object' && value !== null && 'problem' in value && 'json' in value;

/** Names by identity: a check's `json` is one object wherever the check is used. The first name given stays. */
const names = new Map<object, string>();
const give = (json: object, name: string): void => {
  if (!names.has(json)) names.set(json, name);
};
for (const [name, value] of Object.entries({ ...ids, ...content, message: log.message, entry: log.entry }))
  if (isCheck(value)) give(value.json, pascal(name));
for (const [name, value] of Object.entries({ role: log.role, ...users, ...conversations }))
  if (isCheck(value)) give(value.json, pascal(name));
for (const [type, check] of Object.entries(UP)) give(check.json, `Up${pascal(type)}`);
for (const [type, check] of Object.entries(DOWN)) give(check.json, `Down${pascal(type)}`);
give(up.json, 'Up');
give(down.json, 'Down');

/** Collects the schemas a document refers to. */
export class Schemas {
  /** For `components.schemas` of the document. */
  readonly components: { [name: string]: JsonSchema } = {};

  /** A schema for use in the document: a reference where it has a name. */
  use(json: JsonSchema): JsonSchema {
    const name = names.get(json);
    if (name === undefined) return this.#inside(json);
    if (!(name in this.components)) {
      // Taken before it is written: what is inside may refer to it.
      this.components[name] = {};
      this.components[name] = this.#inside(json);
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  /** Adds one that stands in no check. */
  add(name: string, json: JsonSchema): JsonSchema {
    this.components[name] = json;
    return { $ref: `#/components/schemas/${name}` };
  }

  #inside(json: JsonSchema): JsonSchema {
    return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, this.#value(value)]));
  }

  #value(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#value(item));
    if (typeof value !== 'object' || value === null) return value;
    return this.use(value as JsonSchema);
  }
}
