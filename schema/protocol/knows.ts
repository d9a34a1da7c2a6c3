/**
 * What was added to frames after release 0.1.0. `hello` and `welcome` name what each side knows, because they may be of
 * different releases for as long as a page stays open. Light, like constants.ts: a client takes it along.
 */

/** Names of what this release knows, at most `MAX_KNOWN`. Of a name that stands here the meaning never changes. */
export const KNOWS: string[] = [
  // Down: `welcome` may come again on a connection, when the service is of another release than before.
  'welcome.again',
];

/** Most names one side may say. */
export const MAX_KNOWN = 32;

/**
 * What a frame up needs the service to know, by `type.field`; `type.type` stands for the whole frame. Until the service
 * says that it knows the name, the client holds such a frame back.
 */
export const NEEDS: Readonly<Record<string, string>> = {};

/** Whether a side that said it knows `knows` understands all of this frame up. */
export const understands = (knows: readonly string[], frame: { readonly type: string }): boolean =>
  Object.keys(frame).every((field) => {
    const need = NEEDS[`${frame.type}.${field}`];
    return !need || knows.includes(need);
  });
