import type { ReactElement, ReactNode } from 'react';

import { Button } from '../components/button';
import { Goto } from '../components/runglyphs';
import { StateIcon } from '../components/state';
import { stopOf } from '../models/failure';
import { surfaceWord } from '../models/needs';
import { ended, runState, shortId } from '../models/runwords';
import { took, when } from '../models/words';
import type { RunPartProps } from './runview';

/** The run in two lines; where it stopped in a third. */
export function RunHeader(props: RunPartProps): ReactElement {
  const { view, now, trans } = props;
  const { head } = view;
  return (
    <div className="jp-MlopsPage-head">
      <div className="jp-MlopsPage-title">
        <StateIcon
          state={
            head.status === 'running'
              ? { kind: 'running', progress: head.steps ? head.done / head.steps : 0 }
              : { kind: runState(head) }
          }
        />
        <h1 title={head.notebook}>{head.name}</h1>
        <code title={head.run_id}>{shortId(head.run_id)}</code>
        <span className="jp-MlopsNumber">{ended(head, now, trans)}</span>
        {head.status === 'running' && (
          <span className="jp-MlopsMuted jp-MlopsNumber">
            {trans.__('%1 of %2 steps done', head.done, head.steps)}
          </span>
        )}
      </div>
      <ul className="jp-MlopsPage-facts">
        {facts(props).map(([word, value]) => (
          <li key={word}>
            {word} <span>{value}</span>
          </li>
        ))}
      </ul>
      <Stopped {...props} />
      {view.notes.map((note, at) => (
        <p key={at} className="jp-MlopsPage-note">
          {note}
        </p>
      ))}
    </div>
  );
}

function facts({ view, now, trans }: RunPartProps): [string, ReactNode][] {
  const { head, timeline, options } = view;
  const workers = Number(options.workers) || timeline.rows.length;
  const many = workers ? trans._n('%1 worker', '%1 workers', workers) : '';
  const place =
    head.executor === 'local'
      ? trans.__('this machine')
      : head.executor === 'ray'
        ? 'Ray'
        : head.executor;
  const found: [string, ReactNode][] = [
    [trans.__('Started'), when(head.started, now)],
    [trans.__('on'), [place, many].filter(Boolean).join(', ')]
  ];
  const by = [head.user, surfaceWord(head.surface, trans)].filter(Boolean).join(' ');
  if (by) {
    found.splice(1, 0, [trans.__('by'), by]);
  }
  if (head.git_commit) {
    const dirty = head.git_dirty ? trans.__(' and changes') : '';
    found.push([
      trans.__('commit'),
      <>
        <code>{head.git_commit.slice(0, 7)}</code>
        {dirty}
      </>
    ]);
  }
  if (head.cached) {
    found.push([trans.__('from cache'), trans._n('%1 step', '%1 steps', head.cached)]);
  }
  if (head.saved >= 0.05) {
    found.push([trans.__('Cache saved'), took(head.saved, trans)]);
  }
  const saved = timeline.alone === null ? 0 : timeline.alone - timeline.wall;
  if (saved >= 0.05) {
    found.push([trans.__('Side by side saved'), took(saved, trans)]);
  }
  if (timeline.wasted >= 0.05) {
    found.push([trans.__('tried early in vain'), took(timeline.wasted, trans)]);
  }
  if (head.resumed) {
    found.push([trans.__('resumes'), <code key="id">{shortId(head.resumed)}</code>]);
  }
  return found;
}

function Stopped({ view, model, commands, trans }: RunPartProps): ReactElement | null {
  const stop = stopOf(view);
  if (!stop) {
    return null;
  }
  const { step, cell, line, message } = stop;
  const { head } = view;
  const where =
    cell === null
      ? trans.__('stopped: ')
      : line === null
        ? trans.__('stopped in cell %1: ', cell)
        : trans.__('stopped in cell %1, line %2: ', cell, line);
  const go = { path: model.path, cell, id: cell === null ? null : (view.ids[cell] ?? null) };
  return (
    <div className="jp-MlopsPage-stop" role="alert">
      <p title={message}>
        <b>{step ?? head.name}</b> {where}
        <code>{message}</code>
      </p>
      <span className="jp-MlopsMuted">
        {trans.__('Resume runs %1, keeps %2', head.steps - head.done, head.done)}
      </span>
      {cell !== null && head.path !== null && (
        <Button icon={<Goto />} onClick={() => void commands.execute('mlops:go-to-cell', go)}>
          {trans.__('Go to cell %1', cell)}
        </Button>
      )}
      {view.kernel !== null && (
        <Button
          onClick={() =>
            void commands.execute('mlops:open-failed-console', {
              path: model.path,
              run_id: head.run_id
            })
          }
        >
          {trans.__('Open console here')}
        </Button>
      )}
    </div>
  );
}
