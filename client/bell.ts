/** Something to wait for, again and again. */
export class Bell {
  ring = (): void => {};

  /** Resolves with the next ring. Only the last who asked hears it. */
  rung(): Promise<void> {
    return new Promise((resolve) => {
      this.ring = resolve;
    });
  }
}
