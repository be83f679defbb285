import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { expect, it } from 'vitest';

import { Name } from '../../src/components/name';

it.each(['load', 'a_name_that_is_cut_in_its_middle'])('%s is read and copied as one word', name => {
  const host = document.createElement('div');
  const root = createRoot(host);
  act(() => root.render(<Name name={name} />));
  const read = [...host.querySelectorAll('span > span:not([aria-hidden])')];
  expect(read.map(one => one.textContent)).toEqual([name]);
  const seen = [...host.querySelectorAll('[data-shown]')];
  expect(['', name]).toContain(seen.map(one => one.getAttribute('data-shown')).join(''));
  expect(host.textContent).toBe(name);
  act(() => root.unmount());
});
