import type { Page } from 'playwright-core';

/** Milliseconds from Enter to the bubble on the screen, for `count` messages one after the other. */
export async function keypresses(page: Page, count: number): Promise<number[]> {
  const field = page.getByLabel('Message', { exact: true });
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const text = `said ${performance.now()} and seen`;
    await field.fill(text);
    // The key must not come before somebody waits for it.
    const shown = await page.evaluateHandle(watchKey, text);
    await page.keyboard.press('Enter');
    times.push(await shown.evaluate(({ time }) => time));
  }
  return times;
}

/** Runs in the page: from the key event to the frame after the one that paints it. The object can be there before it is over. */
function watchKey(text: string): { readonly time: Promise<number> } {
  const time = new Promise<number>((resolve, reject) => {
    addEventListener('keydown', ({ timeStamp }) => requestAnimationFrame(() => look(timeStamp)), {
      capture: true,
      once: true,
    });

    function look(begin: number): void {
      const bubble = [...document.querySelectorAll('.messages .text')].findLast(
        (row) => row.textContent === text,
      );
      const view = document.querySelector('.scroller')?.getBoundingClientRect();
      const place = bubble?.getBoundingClientRect();
      if (place && view && place.bottom <= view.bottom + 1 && place.top >= view.top) {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve(performance.now() - begin);
        port2.postMessage(0);
      } else if (performance.now() - begin > 10_000) reject(new Error('the message never showed'));
      else requestAnimationFrame(() => look(begin));
    }
  });
  return { time };
}
