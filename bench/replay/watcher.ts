import type { Headless } from '../../client/headless.ts';

/** Counts what arrives at every device while it happens, and what must never happen. */
export class Watcher {
  deliveries = 0;
  reconnects = 0;
  /** Entries that a resume left out, for the device to page. */
  leftOut = 0;
  readonly violations: string[] = [];

  watch(client: Headless): void {
    const last = new Map<string, number>();
    const marks = new Map<string, { delivered: number; read: number }>();
    let line = 0;
    client.on('entry', ({ conversation, entry, own }) => {
      const before = last.get(conversation) ?? 0;
      if (entry.seq <= before) this.violations.push(`entry ${entry.seq} came after ${before}`);
      last.set(conversation, entry.seq);
      if (own) return;
      this.deliveries++;
      // Everybody looks at everything.
      client.read(conversation, entry.seq);
    });
    client.on('state', (state) => {
      if (state.name !== 'reconnecting') return;
      this.reconnects++;
      line++;
    });
    client.on('failed', ({ error }) => {
      if (error.code !== 'closed') this.violations.push(`a send failed: ${error.code} ${error.message}`);
    });
    // Frames as they came: the client module would hide a mark that goes back (P6).
    client.on('frame', (frame) => {
      if (frame.type !== 'receipt') return;
      // What one read oneself is told to one's other devices before it is on disk: a crash takes it back until it is said
      // again. The marks of others never go back, over all lines.
      const own = frame.user === client.user;
      const of = `${frame.conversation} ${frame.user ?? ''} ${own ? line : ''}`;
      const before = marks.get(of);
      if (before && (frame.delivered < before.delivered || frame.read < before.read))
        this.violations.push(
          `a mark ${own ? 'of oneself ' : ''}went back: ` +
            `${before.delivered}/${before.read} to ${frame.delivered}/${frame.read}`,
        );
      marks.set(of, { delivered: frame.delivered, read: frame.read });
    });
  }
}
