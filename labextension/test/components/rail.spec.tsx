import { nullTranslator } from '@jupyterlab/translation';
import { act } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { Rail } from '../../src/components/rail';
import type { RailRow } from '../../src/components/railrow';

const trans = nullTranslator.load('mlops_lab');
let root: Root;
let host: HTMLElement;
let heard: string[];

beforeEach(() => {
  host = document.body.appendChild(document.createElement('div'));
  root = createRoot(host);
  heard = [];
});

afterEach(() => {
  act(() => root.unmount());
  host.remove();
});

function row(name: string, more: Partial<RailRow> = {}): RailRow {
  return { key: name, name, colour: 'red', state: { kind: 'cached', words: 'cached' }, ...more };
}

function show(rows: RailRow[], selected: string | null = null): void {
  act(() =>
    root.render(
      <Rail
        rows={rows}
        edges={[]}
        selected={selected}
        label="Steps"
        trans={trans}
        onSelect={key => heard.push(`select ${key}`)}
        onOpen={key => heard.push(`open ${key}`)}
        onFold={(key, open) => heard.push(`${open ? 'unfold' : 'fold'} ${key}`)}
      />
    )
  );
}

function press(key: string): void {
  const event = new KeyboardEvent('keydown', { key, bubbles: true });
  act(() => void (document.activeElement ?? document.body).dispatchEvent(event));
}

function items(): HTMLElement[] {
  return [...host.querySelectorAll<HTMLElement>('li[tabindex]')];
}

function focused(): number {
  return items().indexOf(document.activeElement as HTMLElement);
}

describe('a rail', () => {
  const steps = ['load', 'clean', 'train', 'test'].map(name => row(name));

  it('has one Tab stop, which is the chosen step', () => {
    show(steps, 'clean');
    expect(items().map(item => item.tabIndex)).toEqual([-1, 0, -1, -1]);
  });

  it('is walked by arrows, Home, End and first letters', () => {
    show(steps);
    act(() => items()[0]?.focus());
    const seen = ['ArrowDown', 'End', 'ArrowDown', 'Home', 't', 'ArrowUp'].map(key => {
      press(key);
      return focused();
    });
    expect(seen).toEqual([1, 3, 3, 0, 2, 1]);
  });

  it('goes to the cell by Enter and only selects by Space', () => {
    show(steps);
    act(() => items()[2]?.focus());
    press('Enter');
    press(' ');
    expect(heard).toEqual(['select train', 'open train', 'select train']);
  });

  it('folds and unfolds headings, and is then a tree', () => {
    show([row('Load', { fold: 'closed' }), row('Train', { fold: 'open' }), row('fit', { inside: true })]);
    act(() => items()[0]?.focus());
    press('ArrowRight');
    press('ArrowDown');
    press('ArrowLeft');
    expect(heard).toEqual(['unfold Load', 'fold Train']);
    expect(host.querySelector('ol')?.getAttribute('role')).toBe('tree');
    expect(items().map(item => item.getAttribute('aria-level'))).toEqual(['1', '1', '2']);
  });

  it('brings what is chosen elsewhere into view, and stays where it is when rows are unfolded', () => {
    const seen: (string | null)[] = [];
    Element.prototype.scrollIntoView = function () {
      seen.push(this.getAttribute('aria-label'));
    };
    const group = (...inside: RailRow[]) => [row('Load', { fold: 'open' }), ...inside, ...steps];
    show(group(), 'clean');
    show(group(), 'test');
    show(group(row('a', { inside: true }), row('b', { inside: true })), 'test');
    expect(seen).toEqual(['clean, cached', 'test, cached']);
  });

  it('asks for the menu of a row by Shift F10 as by the mouse, and selects the row', () => {
    show(steps);
    const asked: string[] = [];
    host.addEventListener('contextmenu', () => asked.push('menu'));
    act(() => items()[2]?.focus());
    const event = new KeyboardEvent('keydown', { key: 'F10', shiftKey: true, bubbles: true });
    act(() => void document.activeElement?.dispatchEvent(event));
    expect([asked, heard]).toEqual([['menu'], ['select train']]);
  });

  it('says name, state and problem of a step to those who listen', () => {
    show([row('load', { problem: 'x comes from nowhere' })]);
    expect(items()[0]?.getAttribute('aria-label')).toBe('load, cached, problem: x comes from nowhere');
  });

  it('shows what notebooks call their steps as text', () => {
    const name = '<img src=x onerror=alert(1)>';
    show([row(name, { problem: name, why: name, state: { kind: 'stale', words: name } })]);
    expect(host.querySelector('img')).toBeNull();
    expect(host.textContent).toContain(name);
  });
});
