import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { expect, it } from 'vitest';

import { CellDiffs } from '../../src/components/celldiffs';

const trans = nullTranslator.load('mlops_lab');
const LINES = Array.from({ length: 30 }, (_, at) => `x${at} = ${at}`);

it.each(['Enter', ' '])('lines that are the same are shown by the key “%s”', key => {
  const a = LINES.join('\n');
  const cells = [{ a, b: `${a}\ny = 1`, gone: [], come: [[a.length, a.length + 6] as [number, number]] }];
  const widget = new CellDiffs({ cells, name: 'load', whole: false, trans });
  Widget.attach(widget, document.body);
  const left = (): HTMLElement[] => [...widget.node.querySelectorAll<HTMLElement>('[role=button]')];
  expect(left().map(one => [one.textContent, one.tabIndex])).toEqual([
    ['… 27 lines are the same', 0],
    ['… 27 lines are the same', 0]
  ]);
  left()[0]?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  expect(left()).toEqual([]);
  expect(widget.node.contains(document.activeElement)).toBe(true);
  widget.dispose();
});
