/** A promise broken in a run. */
export class Broken extends Error {
  readonly promise: string;

  constructor(promise: string, what: string) {
    super(`${promise}: ${what}`);
    this.name = 'Broken';
    this.promise = promise;
  }
}

export function must(holds: boolean, promise: string, what: () => string): asserts holds {
  if (!holds) throw new Broken(promise, what());
}
