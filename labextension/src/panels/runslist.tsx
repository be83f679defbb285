import { MenuSvg } from '@jupyterlab/ui-components';
import { type KeyboardEvent, type MouseEvent, type ReactElement, useCallback } from 'react';

import { RunRow } from '../components/runrow';
import { VirtualList } from '../components/virtuallist';
import { acts, shortId } from '../models/runwords';
import type { IRunList, RunHead } from '../tokens';
import type { RunsProps } from './runsview';

/** The height of a row, as in the style sheet. */
const ROW = 48;

/** The runs, of which only those in view are loaded and drawn. */
export function RunsList(props: RunsProps & { list: IRunList; now: number }): ReactElement {
  const { list, model, runs, trans, now } = props;
  const { connected, since } = runs.connection;
  const onShow = useCallback((first: number, last: number) => list.show(first, last), [list]);
  const mark = (id: string): string => 'AB'[model.pair?.indexOf(id) ?? -1] ?? '';
  return (
    <VirtualList
      label={trans.__('Runs')}
      total={list.total}
      row={ROW}
      onShow={onShow}
      onKey={(event, at) => onKey(event, list.at(at), props)}
      find={(letters, from) => find(list, letters, from)}
      render={(at, row) => {
        const head = list.at(at);
        return (
          <RunRow
            key={head?.run_id ?? at}
            head={head}
            row={row}
            picked={head !== undefined && model.picked.includes(head.run_id)}
            mark={head ? mark(head.run_id) : ''}
            online={connected || since === null}
            now={now}
            trans={trans}
            onClick={event => head && onClick(event, head, props)}
            onMenu={(x, y) => head && menu(head, x, y, props)}
          />
        );
      }}
    />
  );
}

function named(head: RunHead, { model }: RunsProps): { path: string; run_id: string } {
  return { path: head.path ?? model.list?.query.path ?? '', run_id: head.run_id };
}

function onClick(event: MouseEvent, head: RunHead, props: RunsProps): void {
  const { model, commands } = props;
  if (event.ctrlKey || event.metaKey || event.shiftKey) {
    model.pick(head.run_id, !model.picked.includes(head.run_id));
  } else {
    void commands.execute('mlops:open-run', named(head, props));
  }
}

/** What a key does with the run that it is on; whether it does something. */
function onKey(event: KeyboardEvent, head: RunHead | undefined, props: RunsProps): boolean {
  const { model, commands } = props;
  if (!head) {
    return false;
  }
  switch (event.key) {
    case 'Enter':
      void commands.execute('mlops:open-run', named(head, props));
      return true;
    case ' ':
      model.pick(head.run_id, !model.picked.includes(head.run_id));
      return true;
    case 'Escape':
      model.unpick();
      return true;
    case 'Delete':
      if (acts(head).remove) {
        void commands.execute('mlops:delete-run', named(head, props));
      }
      return true;
    case 'ContextMenu':
    case 'F10': {
      if (event.key === 'F10' && !event.shiftKey) {
        return false;
      }
      const active = event.currentTarget.getAttribute('aria-activedescendant') ?? '';
      const box = document.getElementById(active)?.getBoundingClientRect();
      menu(head, (box?.left ?? 0) + 36, box?.bottom ?? 0, props);
      return true;
    }
    default:
      return false;
  }
}

/** What can be done with a run, as its row menu. */
function menu(head: RunHead, x: number, y: number, props: RunsProps): void {
  const { commands } = props;
  const menu = new MenuSvg({ commands });
  const args = named(head, props);
  const { cancel, resume, again, remove } = acts(head);
  const add = (command: string): void => void menu.addItem({ command, args });
  add('mlops:open-run');
  add('mlops:open-run-output');
  menu.addItem({ type: 'separator' });
  const can = { 'mlops:resume-run': resume, 'mlops:run-again': again, 'mlops:cancel-run': cancel };
  Object.entries(can).forEach(([command, may]) => may && add(command));
  add('mlops:compare-runs');
  if (remove) {
    menu.addItem({ type: 'separator' });
    add('mlops:delete-run');
  }
  // Its items are needed until the chosen one has run.
  menu.aboutToClose.connect(() => requestAnimationFrame(() => menu.dispose()));
  menu.open(x, y);
}

/** The run whose name or id begins so, among those that are loaded. */
function find(list: IRunList, letters: string, from: number): number {
  const most = Math.min(list.total, 1000);
  const order = Array.from({ length: most }, (_, nth) => (from + nth) % Math.max(most, 1));
  const found = order.find(at => {
    const head = list.at(at);
    const words = head ? [head.name, shortId(head.run_id)] : [];
    return words.some(word => word.toLowerCase().startsWith(letters));
  });
  return found ?? -1;
}
