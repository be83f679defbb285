import type { ReactElement } from 'react';

import { Graph } from '../components/graph';
import { Timeline } from '../components/timeline';
import { schedule } from '../models/schedule';
import type { RunPartProps } from './runview';

/** When each step was worked at. */
export function RunTimeline(props: RunPartProps): ReactElement {
  const { view, model, trans, now } = props;
  const found = schedule(view, now / 1000);
  const { rows, atOnce } = found;
  const [cached, waits, drops] = [
    rows.some(row => row.cachedAt !== null),
    rows.some(row => row.stretches.some(one => one.kind === 'wait')),
    rows.some(row => row.stretches.some(one => one.kind === 'dropped'))
  ];
  return (
    <section className="jp-MlopsPage-section" aria-label={trans.__('Timeline')}>
      <h2>
        {trans.__('Timeline')}
        {atOnce > 1 && <small>{trans.__('up to %1 steps at once', atOnce)}</small>}
        <span className="jp-MlopsLegend" aria-hidden="true">
          {cached && (
            <span>
              <i className="jp-MlopsStretch jp-mod-cached" />
              {trans.__('from the cache')}
            </span>
          )}
          {waits && (
            <span>
              <i className="jp-MlopsStretch jp-mod-wait" />
              {trans.__('waits for a value')}
            </span>
          )}
          {drops && (
            <span>
              <i className="jp-MlopsStretch jp-mod-dropped" />
              {trans.__('begun early, thrown away')}
            </span>
          )}
        </span>
      </h2>
      <Timeline schedule={found} {...shared(props)} selected={model.selected} trans={trans} />
    </section>
  );
}

/** What waits for what. */
export function RunGraph(props: RunPartProps): ReactElement | null {
  const { view, model, trans } = props;
  if (view.steps.length < 2 || !view.graph.length) {
    return null;
  }
  return (
    <section className="jp-MlopsPage-section" aria-label={trans.__('Graph')}>
      <h2>{trans.__('Graph')}</h2>
      <Graph
        names={view.steps.map(step => step.name)}
        pairs={view.graph}
        {...shared(props)}
        selected={model.selected}
        trans={trans}
      />
    </section>
  );
}

function shared({ view, model, commands, now }: RunPartProps) {
  return {
    stateOf: (step: string) => model.stateOf(step, now),
    colourOf: (step: string) => model.colourOf(step),
    onSelect: (step: string) => model.select(step),
    onOpen: (step: string) => {
      const cell = view.cells[step]?.[0];
      if (cell !== undefined && view.head.path !== null) {
        void commands.execute('mlops:go-to-cell', {
          path: model.path,
          cell,
          id: view.ids[cell] ?? null
        });
      }
    }
  };
}
