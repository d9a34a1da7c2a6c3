/** What a walk through a timeline is told. */
export interface WalkOptions {
  readonly direction: 'up' | 'down';
  /** CSS pixels a frame; less than what is seen at once, or there is nothing to compare. */
  readonly step: number;
  /** The number of the message it ends at; undefined: it ends when the time is over. */
  readonly until?: number;
  /** The most time it may take. */
  readonly ms: number;
}

export interface Walked {
  readonly reached: boolean;
  /** Milliseconds from one frame to the next. */
  readonly frames: readonly number[];
  /** The most a row on the screen moved in one frame beyond what was scrolled, in CSS pixels, and which row that was. */
  readonly drift: { readonly max: number; readonly seq: number; readonly frames: number };
  /** Frames with nothing to scroll to, since the page before it had not come. */
  readonly waited: number;
  /** Different messages that were on the screen, the lowest and the highest. */
  readonly seen: { readonly count: number; readonly first: number; readonly last: number };
  /** The most rows and elements in the document at one time. */
  readonly rows: number;
  readonly elements: number;
  /** Messages shown twice or out of order. */
  readonly wrong: readonly string[];
  /** Number and text of some of the messages. */
  readonly samples: readonly (readonly [number, string])[];
}

/**
 * Scrolls the open conversation frame by frame and looks at every frame as it is painted. It runs in the page, so it uses
 * nothing from outside. Every text must begin with the number of its message.
 */
export function walk({ direction, step, until, ms }: WalkOptions): Promise<Walked> {
  const scroller = document.querySelector('.scroller');
  if (!scroller) throw new Error('no conversation is open');
  const view = scroller.getBoundingClientRect();
  const end = performance.now() + ms;
  const frames: number[] = [];
  const wrong: string[] = [];
  const samples: [number, string][] = [];
  const seen = new Set<number>();
  const drift = { max: 0, seq: 0, frames: 0 };
  let [rows, elements, waited, moved, last, count] = [0, 0, 0, 0, 0, 0];
  let before = new Map<number, { readonly top: number; readonly bottom: number }>();
  let over = false;

  // Its observer is told last, after those of the app, so what it finds is what will be painted.
  const probe = document.createElement('div');
  probe.style.cssText = 'position: fixed; inset: 0 auto auto 0; width: 3px; height: 1px; visibility: hidden';

  return new Promise((resolve) => {
    const observer = new ResizeObserver(painted);
    document.body.append(probe);
    observer.observe(probe);

    function frame(now: number): void {
      if (over) return;
      if (last > 0) frames.push(now - last);
      last = now;
      const top = scroller?.scrollTop ?? 0;
      scroller?.scrollTo({ top: top + (direction === 'up' ? -step : step), behavior: 'instant' });
      moved = (scroller?.scrollTop ?? 0) - top;
      scroller?.dispatchEvent(new Event('wheel'));
      // A person's scrolling is told in the frame it happens in; a program's in the next.
      scroller?.dispatchEvent(new Event('scroll'));
      probe.style.width = `${1 + (count++ % 2)}px`;
      requestAnimationFrame(frame);
    }

    function painted(): void {
      if (over) return;
      const now = new Map<number, { readonly top: number; readonly bottom: number }>();
      const texts = [...document.querySelectorAll('.messages .text')].filter((text) =>
        text.checkVisibility({ visibilityProperty: true }),
      );
      const places = texts.map((element) => {
        const text = element.textContent ?? '';
        const { top, bottom } = element.getBoundingClientRect();
        return { seq: Number.parseInt(text, 10), text, top, bottom };
      });
      places.sort((a, b) => a.top - b.top);
      places.forEach((place, i) => {
        const next = places[i + 1];
        if (next && next.seq !== place.seq + 1 && wrong.length < 20)
          wrong.push(`${next.seq} comes after ${place.seq}`);
        if (next && next.top < place.bottom - 1 && wrong.length < 20)
          wrong.push(`${next.seq} covers ${place.seq}`);
        now.set(place.seq, place);
      });
      compare(now);
      const shown = places.filter(onScreen);
      for (const { seq } of shown) seen.add(seq);
      const middle = shown[shown.length >> 1];
      if (count % 20 === 1 && middle) samples.push([middle.seq, middle.text]);
      rows = Math.max(rows, texts.length);
      if (count % 50 === 1) elements = Math.max(elements, document.querySelectorAll('*').length);
      const reached = until !== undefined && shown.some(({ seq }) => seq === until) && atEnd();
      if (moved === 0 && count > 0 && !reached) waited++;
      before = now;
      // The first look is at what is there before anything moves.
      if (count === 0) requestAnimationFrame(frame);
      if (reached || performance.now() > end) finish(reached, shown);
    }

    function compare(now: typeof before): void {
      let most = 0;
      for (const [seq, { top, bottom }] of now) {
        const old = before.get(seq);
        // Of what comes from outside of what is seen nobody knows where it was.
        if (!old || !onScreen({ top, bottom }) || !onScreen(old)) continue;
        const by = Math.abs(top - (old.top - moved));
        most = Math.max(most, by);
        if (by > drift.max) Object.assign(drift, { max: by, seq });
      }
      if (most > 1) drift.frames++;
    }

    function onScreen({ top, bottom }: { readonly top: number; readonly bottom: number }): boolean {
      return bottom > view.top && top < view.bottom;
    }

    function atEnd(): boolean {
      const { scrollTop = 0, scrollHeight = 0, clientHeight = 0 } = scroller ?? {};
      return direction === 'up' ? scrollTop < 1 : scrollHeight - scrollTop - clientHeight < 1;
    }

    function finish(
      reached: boolean,
      shown: readonly { readonly seq: number; readonly text: string }[],
    ): void {
      over = true;
      observer.disconnect();
      probe.remove();
      for (const { seq, text } of [shown[0], shown.at(-1)].filter((place) => place !== undefined))
        samples.push([seq, text]);
      const all = [...seen];
      const first = all.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
      const highest = all.reduce((a, b) => Math.max(a, b), 0);
      resolve({
        reached,
        frames,
        drift,
        waited,
        seen: { count: seen.size, first, last: highest },
        rows,
        elements,
        wrong,
        samples,
      });
    }
  });
}

/** What must not be: the end not reached, a message left out, shown twice, in the wrong place or with the wrong text. */
export function mistakes(
  walked: Walked,
  { until }: WalkOptions,
  lineOf: (seq: number) => { readonly text: string },
): string[] {
  const { reached, seen, wrong, samples } = walked;
  const found = [...wrong];
  if (until !== undefined && !reached)
    found.push(`message ${until} was not reached, only ${seen.first} to ${seen.last}`);
  if (seen.count !== seen.last - seen.first + 1)
    found.push(`${seen.count} messages were seen from ${seen.first} to ${seen.last}`);
  for (const [seq, text] of samples)
    if (text !== lineOf(seq).text) found.push(`message ${seq} reads ${JSON.stringify(text)}`);
  return found;
}
