import { PathExt } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReactElement } from 'react';

import { Unreachable } from '../api/request';
import { Button } from '../components/button';
import { Failure } from '../components/failure';
import { Play } from '../components/glyphs';
import { Notice } from '../components/notice';
import { useNow } from '../components/now';
import { Compare, Trash } from '../components/runglyphs';
import { SearchField } from '../components/searchfield';
import { Select } from '../components/select';
import { useSignals } from '../components/signal';
import type { RunsPanelModel, Scope, StatusFilter } from '../models/runspanel';
import { when } from '../models/words';
import type { IRuns } from '../tokens';
import { RunsList } from './runslist';

export interface RunsProps {
  model: RunsPanelModel;
  runs: IRuns;
  commands: CommandRegistry;
  trans: TranslationBundle;
}

/** Which run? All of them, the newest first; live, to be searched and filtered. */
export function RunsView(props: RunsProps): ReactElement {
  const { model, runs, trans } = props;
  useSignals(model.changed, runs.moved, runs.connectionChanged);
  const { list } = model;
  const going = Array.from({ length: Math.min(list?.total ?? 0, 20) }, (_, at) => list?.at(at));
  const now = useNow(going.some(head => head?.status === 'running'));
  return (
    <>
      <div className="jp-MlopsPanel-title">
        <span>{trans.__('Runs')}</span>
        <small className="jp-MlopsMuted jp-MlopsNumber" title={trans.__('Runs that are listed')}>
          {list?.total.toLocaleString() ?? ''}
        </small>
      </div>
      <Filters {...props} />
      <Wrong {...props} now={now} />
      {list && list.total > 0 ? (
        <RunsList {...props} list={list} now={now} />
      ) : (
        <Nothing {...props} />
      )}
      <Picked {...props} />
    </>
  );
}

function Filters({ model, trans }: RunsProps): ReactElement {
  const { notebook, scope, status } = model;
  const scopes = [
    ...(notebook === null
      ? []
      : [{ value: 'notebook' as const, label: PathExt.basename(notebook) }]),
    { value: 'all' as const, label: trans.__('All notebooks') }
  ];
  return (
    <div className="jp-MlopsRuns-filters">
      <SearchField
        label={trans.__('Search name, parameter, error')}
        value={model.search}
        onChange={search => model.ask({ search })}
      />
      <div>
        <Select<Scope>
          label={trans.__('Whose runs')}
          value={scope}
          choices={scopes}
          onChange={now => model.ask({ scope: now })}
        />
        <Select<StatusFilter>
          label={trans.__('State')}
          value={status}
          choices={[
            { value: '', label: trans.__('Any state') },
            { value: 'running', label: trans.__('running') },
            { value: 'succeeded', label: trans.__('done') },
            { value: 'failed,interrupted', label: trans.__('failed') },
            { value: 'cancelled', label: trans.__('cancelled') }
          ]}
          onChange={now => model.ask({ status: now })}
        />
      </div>
    </div>
  );
}

function Wrong({ model, runs, trans, now }: RunsProps & { now: number }): ReactElement | null {
  const error = model.list?.error;
  const { connected, since } = runs.connection;
  const away = !connected && since !== null;
  if (error && !(away && error instanceof Unreachable)) {
    return <Failure error={error} trans={trans} onAgain={() => model.again()} />;
  }
  if (!away) {
    return null;
  }
  return (
    <Notice warning>
      {trans.__(
        'Server not reached. Showing what was known at %1. Runs go on without it.',
        when(since / 1000, now)
      )}
    </Notice>
  );
}

function Nothing({ model, commands, trans }: RunsProps): ReactElement {
  const { list, notebook } = model;
  if (!list || (list.loading && !list.error)) {
    return (
      <div className="jp-MlopsSkeleton jp-MlopsRuns-rest" aria-hidden="true">
        {[62, 48, 70, 41, 56].map(width => (
          <div key={width} style={{ width: `${width}%` }} />
        ))}
      </div>
    );
  }
  if (list.error) {
    return <div className="jp-MlopsRuns-rest" />;
  }
  if (model.filtered) {
    return (
      <div className="jp-MlopsEmpty jp-MlopsRuns-rest">
        <p>{trans.__('No run matches.')}</p>
        <Button onClick={() => model.ask({ search: '', status: '' })}>
          {trans.__('Clear filters')}
        </Button>
      </div>
    );
  }
  return (
    <div className="jp-MlopsEmpty jp-MlopsRuns-rest">
      <p>
        {trans.__('No runs yet. Runs from here, the shell and schedules show up in this list.')}
      </p>
      {notebook !== null && (
        <Button primary icon={<Play />} onClick={() => void commands.execute('mlops:run-pipeline')}>
          {trans.__('Run %1', PathExt.basename(notebook))}
        </Button>
      )}
    </div>
  );
}

/** What can be done with the chosen ones. */
function Picked({ model, commands, trans }: RunsProps): ReactElement | null {
  const { picked, list } = model;
  if (!picked.length) {
    return null;
  }
  const path = list?.query.path ?? '';
  const [a, b] = model.pair ?? [];
  const remove = async (): Promise<void> => {
    await commands.execute('mlops:delete-run', { path, run_ids: [...picked] });
  };
  return (
    <div className="jp-MlopsRuns-picked">
      <Button bare title={trans.__('Choose none')} onClick={() => model.unpick()}>
        {trans._n('%1 selected', '%1 selected', picked.length)}
      </Button>
      {picked.length === 1 && (
        <span className="jp-MlopsMuted">{trans.__('choose another to compare')}</span>
      )}
      {a !== undefined && b !== undefined && (
        <Button
          primary
          icon={<Compare />}
          onClick={() => void commands.execute('mlops:open-comparison', { path, a, b })}
        >
          {trans.__('Compare')}
        </Button>
      )}
      <Button icon={<Trash />} shrinks onClick={() => void remove()}>
        {trans.__('Delete')}
      </Button>
    </div>
  );
}
