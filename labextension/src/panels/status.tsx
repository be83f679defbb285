import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import { type ReactElement } from 'react';

import { Running } from '../components/glyphs';
import { useNow } from '../components/now';
import { useSignals } from '../components/signal';
import { clock } from '../models/words';
import type { IRuns } from '../tokens';

/** What goes on, in the status bar: "churn 6 of 10 · 1:06"; nothing where nothing does. */
export class StatusItem extends ReactWidget {
  constructor(
    private readonly runs: IRuns,
    private readonly commands: CommandRegistry,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-MlopsStatus');
  }

  protected override render(): ReactElement {
    return <Status runs={this.runs} commands={this.commands} trans={this.trans} />;
  }
}

interface StatusProps {
  runs: IRuns;
  commands: CommandRegistry;
  trans: TranslationBundle;
}

function Status({ runs, commands, trans }: StatusProps): ReactElement | null {
  useSignals(runs.moved, runs.ended, runs.deleted);
  const { running } = runs;
  const now = useNow(running.length > 0);
  const [head] = running;
  if (!head) {
    return null;
  }
  const time = clock(now / 1000 - head.started);
  const words =
    running.length > 1
      ? trans._n('%1 run', '%1 runs', running.length)
      : trans.__('%1 %2 of %3 · %4', head.name, head.done, head.steps, time);
  const open = (): void =>
    void (running.length > 1
      ? commands.execute('mlops:show-runs')
      : commands.execute('mlops:open-run', { path: head.path ?? '', run_id: head.run_id }));
  return (
    <button
      type="button"
      title={running.length > 1 ? trans.__('Show Runs') : trans.__('Open run %1', head.run_id)}
      onClick={open}
    >
      <Running progress={head.steps ? head.done / head.steps : undefined} />
      <span>{words}</span>
    </button>
  );
}
