import { nullTranslator } from '@jupyterlab/translation';
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { expect, it, vi } from 'vitest';

import { CodeDiff } from '../../src/components/codediff';
import type { CellChange } from '../../src/tokens';
import { settled } from '../server';

const trans = nullTranslator.load('mlops_lab');
const CELLS: CellChange[] = [];

// What draws code isn't there at first.
const wire = vi.hoisted(() => ({ away: true }));
vi.mock(import('../../src/components/celldiffs'), async load => {
  const { CellDiffs } = await load();
  return {
    CellDiffs: class extends CellDiffs {
      constructor(options: ConstructorParameters<typeof CellDiffs>[0]) {
        if (wire.away) {
          throw new Error('loading the chunk failed');
        }
        super(options);
      }
    }
  };
});

it('code that can’t be shown has a second try', async () => {
  await import('../../src/components/celldiffs');
  const host = document.body.appendChild(document.createElement('div'));
  const root = createRoot(host);
  act(() => root.render(<CodeDiff cells={CELLS} name="load" whole={false} trans={trans} />));
  const shown = (check: () => void): Promise<void> =>
    vi.waitFor(async () => {
      await act(settled);
      check();
    }, 10_000);
  await shown(() => expect(host.textContent).toContain('can’t be shown'));
  wire.away = false;
  const again = [...host.querySelectorAll('button')].find(one => one.textContent === 'Try again');
  act(() => again?.click());
  await shown(() => expect(host.querySelector('.jp-MlopsCells')).not.toBeNull());
  expect(host.textContent).toBe('');
  act(() => root.unmount());
  host.remove();
}, 20_000);
