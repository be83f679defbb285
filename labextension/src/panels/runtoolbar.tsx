import type { ReactElement } from 'react';

import { Button } from '../components/button';
import { Again, Open, Resume, Stop } from '../components/glyphs';
import { Compare, Notebook, Trash } from '../components/runglyphs';
import { acts } from '../models/runwords';
import type { RunPartProps } from './runview';

/** What can be done with the run: one filled button, for the next sensible act. */
export function RunToolbar(props: RunPartProps): ReactElement {
  const { view, model, commands, trans, away } = props;
  const { head } = view;
  const { cancel, resume, again, remove } = acts(head);
  const args = { path: model.path, run_id: head.run_id };
  const act =
    (command: string): (() => void) =>
    () =>
      void commands.execute(command, args);
  const kept = head.done;
  return (
    <div className="jp-MlopsToolbar jp-mod-page" role="toolbar" aria-label={trans.__('Run')}>
      {resume && (
        <Button
          primary
          icon={<Resume />}
          disabled={away}
          title={trans.__('Resume runs %1, keeps %2', head.steps - kept, kept)}
          onClick={act('mlops:resume-run')}
        >
          {trans.__('Resume')}
        </Button>
      )}
      {again && (
        <Button
          primary={!resume}
          icon={<Again />}
          disabled={away}
          title={trans.__('Run the notebook as it is now, with the same parameters and options')}
          onClick={act('mlops:run-again')}
        >
          {trans.__('Run again')}
        </Button>
      )}
      {cancel && (
        <Button icon={<Stop />} disabled={away} onClick={act('mlops:cancel-run')}>
          {trans.__('Cancel')}
        </Button>
      )}
      <i className="jp-MlopsToolbar-line" />
      <Button quiet icon={<Notebook />} disabled={away} onClick={act('mlops:open-run-output')}>
        {trans.__('Output notebook')}
      </Button>
      <Button quiet icon={<Compare />} disabled={away} onClick={act('mlops:compare-runs')}>
        {trans.__('Compare with…')}
      </Button>
      <span className="jp-MlopsToolbar-end">
        {head.mlflow_run_id !== null && commands.isVisible('mlops:open-mlflow', args) && (
          <Button quiet icon={<Open />} disabled={away} onClick={act('mlops:open-mlflow')}>
            MLflow
          </Button>
        )}
        {remove && (
          <Button quiet icon={<Trash />} disabled={away} shrinks onClick={act('mlops:delete-run')}>
            {trans.__('Delete')}
          </Button>
        )}
      </span>
    </div>
  );
}
