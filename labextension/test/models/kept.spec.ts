import type { Contents } from '@jupyterlab/services';
import { StateDB } from '@jupyterlab/statedb';
import { Signal } from '@lumino/signaling';
import { describe, expect, it } from 'vitest';

import { Kept, type Wish } from '../../src/models/kept';
import { Wanted } from '../../src/models/wanted';
import { settled } from '../server';

const KEY = 'mlops-lab:pipeline';

function notebook(path: string) {
  return { path, pathChanged: new Signal<unknown, string>({}) };
}

/** A page's wishes, as another page left them. */
async function page(state: StateDB): Promise<Wanted> {
  const kept = new Kept(state, KEY);
  const wanted = new Wanted(kept);
  await kept.ready;
  return wanted;
}

describe('how a run is wanted', () => {
  it('is there again after a reload, for each notebook', async () => {
    const state = new StateDB();
    const before = await page(state);
    before.turn(notebook('a.ipynb'));
    before.want({ executor: 'ray', workers: 4, split: 'sections', cache: false });
    before.form.know([{ name: 'trees', default: '100', kind: null, help: '' }], false);
    before.form.type('trees', '200');
    await settled();
    const after = await page(state);
    after.turn(notebook('a.ipynb'));
    const all = { executor: 'ray', workers: 4, split: 'sections', params: { trees: 200 } };
    expect([after.options, after.form.text('trees')]).toEqual([all, '200']);
    after.turn(notebook('b.ipynb'));
    expect(after.options).toEqual({});
  });

  it('comes while the notebook is open already, unless she has said something since', async () => {
    const state = new StateDB();
    (await page(state)).turn(null);
    const said: Wish = { options: { workers: 2 }, entries: {} };
    new Kept(state, KEY).keep('a.ipynb', said);
    await settled();
    const [late, newer] = [new Wanted(new Kept(state, KEY)), new Wanted(new Kept(state, KEY))];
    late.turn(notebook('a.ipynb'));
    newer.turn(notebook('a.ipynb'));
    newer.want({ workers: 8 });
    await settled();
    expect([late.options, newer.options]).toEqual([{ workers: 2 }, { workers: 8 }]);
  });

  it('goes along with a notebook that gets another name', async () => {
    const state = new StateDB();
    const wanted = await page(state);
    const renamed = notebook('a.ipynb');
    wanted.turn(renamed);
    wanted.want({ workers: 2 });
    renamed.path = 'b.ipynb';
    renamed.pathChanged.emit(renamed.path);
    await settled();
    const after = await page(state);
    after.turn(notebook('b.ipynb'));
    expect(after.options).toEqual({ workers: 2 });
  });

  describe('when files move', () => {
    const file = (path: string): Partial<Contents.IModel> => ({ path });
    const from = (path: string): Wish => ({ options: { executor: path }, entries: {} });
    const paths = ['a.ipynb', 'lab/b.ipynb', 'labs/c.ipynb'];
    const moves = [
      ['a notebook', 'rename', 'a.ipynb', 'z.ipynb', [undefined, 'lab/b.ipynb', 'labs/c.ipynb']],
      ['a folder', 'rename', 'lab', 'old/lab', ['a.ipynb', undefined, 'labs/c.ipynb']],
      ['a notebook', 'delete', 'a.ipynb', null, [undefined, 'lab/b.ipynb', 'labs/c.ipynb']],
      ['a folder', 'delete', 'lab', null, ['a.ipynb', undefined, 'labs/c.ipynb']],
      ['a notebook', 'save', 'a.ipynb', 'a.ipynb', paths]
    ] as const;
    const all = moves.flatMap(move => [[...move, true] as const, [...move, false] as const]);

    it.each(all)('%s: %s of %s to %s', async (_, type, path, to, left, ready) => {
      const state = new StateDB();
      const before = new Kept(state, KEY);
      paths.forEach(one => before.keep(one, from(one)));
      await settled();
      const files = new Signal<unknown, Contents.IChangedArgs>({});
      const kept = new Kept(state, KEY, files);
      if (ready) {
        await kept.ready;
      }
      files.emit({ type, oldValue: file(path), newValue: to === null ? null : file(to) });
      await settled();
      const found = await page(state);
      const of = (one: string): unknown => {
        found.turn(notebook(one));
        return found.options.executor;
      };
      expect(paths.map(of)).toEqual(left);
      if (type === 'rename') {
        const [now, was] = path === 'lab' ? ['old/lab/b.ipynb', 'lab/b.ipynb'] : ['z.ipynb', path];
        expect(of(now)).toBe(was);
      }
    });
  });

  const secrets = ['password', 'db_token', 'API_KEY', 'client_secret', 'db_pwd', 'DSN', 'basic_auth'];
  it.each([...secrets, 'authorization', 'credential'])('never stores %s', async name => {
    const state = new StateDB();
    const wanted = await page(state);
    wanted.turn(notebook('a.ipynb'));
    wanted.form.know([{ name, default: "''", kind: 'str', help: '' }], false);
    wanted.form.type(name, 'hunter2');
    await settled();
    expect(wanted.form.values).toEqual({ [name]: 'hunter2' });
    expect(JSON.stringify(await state.toJSON())).not.toContain('hunter2');
    wanted.form.type(name, 'env:DB');
    await settled();
    expect(JSON.stringify(await state.toJSON())).toContain('env:DB');
  });

  it('never stores an address with a password, but who wrote it', async () => {
    const state = new StateDB();
    const wanted = await page(state);
    wanted.turn(notebook('a.ipynb'));
    const names = ['store', 'author', 'at'];
    const text = { default: "''", kind: 'str', help: '' };
    wanted.form.know(
      names.map(name => ({ ...text, name })),
      false
    );
    wanted.form.type('store', 'postgresql://ada:hunter2@db:5432/churn');
    wanted.form.type('author', 'Ada');
    wanted.form.type('at', 'https://db:5432/churn');
    await settled();
    const stored = JSON.stringify(await state.toJSON());
    const parts = ['hunter2', 'Ada', 'https://db:5432/churn'];
    expect(parts.map(part => stored.includes(part))).toEqual([false, true, true]);
  });

  it('takes from what another version stored what it understands', async () => {
    const state = new StateDB();
    const options = { workers: 'many', executor: 'ray', else: 1 };
    const parameters = { a: { text: '1', kind: 'int' }, b: 2, c: { text: '1', kind: 'complex' } };
    await state.save(KEY, { 'a.ipynb': { options, parameters }, 'b.ipynb': 7 });
    const wanted = await page(state);
    wanted.turn(notebook('a.ipynb'));
    expect(wanted.options).toEqual({ executor: 'ray', params: { a: 1 } });
    wanted.turn(notebook('b.ipynb'));
    expect(wanted.options).toEqual({});
  });
});
