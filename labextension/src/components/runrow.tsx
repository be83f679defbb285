import type { TranslationBundle } from '@jupyterlab/translation';
import type { MouseEvent, ReactElement } from 'react';

import { runState, shortId, statusWord, told } from '../models/runwords';
import { clock, when } from '../models/words';
import type { RunHead } from '../tokens';
import { Waiting } from './glyphs';
import { StateIcon } from './state';
import type { RowProps } from './virtuallist';

export interface RunRowProps {
  head: RunHead | undefined;
  row: RowProps;
  picked: boolean;
  /** "A" or "B", where two are chosen to be compared. */
  mark: string;
  online: boolean;
  now: number;
  trans: TranslationBundle;
  onClick: (event: MouseEvent) => void;
  onMenu: (x: number, y: number) => void;
}

/** A run in two lines: its state, name and time; where it is, what broke, or its metric. */
export function RunRow(props: RunRowProps): ReactElement {
  const { head, row, picked, mark, online, now, trans, onClick, onMenu } = props;
  const kinds = ['jp-MlopsRunRow', picked && 'jp-mod-selected', row.active && 'jp-mod-active'];
  const common = {
    id: row.id,
    role: 'option',
    style: row.style,
    className: kinds.filter(Boolean).join(' '),
    'aria-setsize': row.setSize,
    'aria-posinset': row.position,
    'aria-selected': picked
  };
  if (!head) {
    return (
      <div {...common} aria-label={trans.__('loading')}>
        <i className="jp-MlopsRunRow-grey" />
      </div>
    );
  }
  const running = head.status === 'running';
  const at = when(head.started, now);
  const seconds = running ? now / 1000 - head.started : (head.seconds ?? 0);
  const second = told(head, online, trans);
  const name = [head.name, shortId(head.run_id), statusWord(head, trans), second, at];
  return (
    <div
      {...common}
      aria-label={name.join(', ')}
      title={`${head.notebook} · ${head.run_id}\n${second}`}
      onClick={event => {
        row.activate();
        onClick(event);
      }}
      onContextMenu={event => {
        event.preventDefault();
        event.stopPropagation();
        row.activate();
        onMenu(event.clientX, event.clientY);
      }}
    >
      {running && !online ? <Waiting /> : <StateIcon state={iconOf(head)} />}
      <span className="jp-MlopsRunRow-name">
        <b>{head.name}</b> <code>{shortId(head.run_id)}</code>
      </span>
      {mark ? (
        <i className="jp-MlopsMark">{mark}</i>
      ) : (
        <span className="jp-MlopsRunRow-when">{at}</span>
      )}
      <span className="jp-MlopsRunRow-told">{second}</span>
      <span className="jp-MlopsRunRow-time">{online || !running ? clock(seconds) : ''}</span>
    </div>
  );
}

function iconOf(head: RunHead) {
  return head.status === 'running'
    ? { kind: 'running' as const, progress: head.steps ? head.done / head.steps : 0 }
    : { kind: runState(head) };
}
