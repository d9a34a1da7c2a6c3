import { expect, test } from 'vitest';
import { placeMenu, pointAt } from '../../../web/ui/place-menu.ts';

const view = { width: 400, height: 600 };
const menu = { width: 180, height: 300 };

test('a menu opens below a button and ends where it ends', () => {
  const button = { left: 300, right: 340, top: 100, bottom: 140 };
  expect(placeMenu(button, menu, view, 'ltr')).toEqual({ left: 160, top: 140 });
  expect(placeMenu(button, menu, view, 'rtl')).toEqual({ left: 212, top: 140 });
});

test('a point opens it towards the end of the line', () => {
  expect(placeMenu(pointAt(200, 50), menu, view, 'ltr')).toEqual({ left: 200, top: 50 });
  expect(placeMenu(pointAt(200, 50), menu, view, 'rtl')).toEqual({ left: 20, top: 50 });
});

test('it stays in the window: above where there is no room below, and never beyond an edge', () => {
  expect(placeMenu(pointAt(390, 590), menu, view, 'ltr')).toEqual({ left: 212, top: 290 });
  expect(placeMenu(pointAt(100, 280), { width: 500, height: 700 }, view, 'ltr')).toEqual({ left: 8, top: 8 });
});
