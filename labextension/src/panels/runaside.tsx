import type { ReactElement } from 'react';

import { Sparkline } from '../components/sparkline';
import { shortNumber, written } from '../models/comparison';
import { metricLines, parameterLines } from '../models/metrics';
import { RunNeedsParts } from './runneeds';
import type { RunPartProps } from './runview';

/** What came of the run, what it was given, what it needed and where it ran. */
export function RunAside(props: RunPartProps): ReactElement {
  return (
    <aside>
      <Metrics {...props} />
      <Parameters {...props} />
      <RunNeedsParts {...props} />
    </aside>
  );
}

function Metrics({ view, model, trans }: RunPartProps): ReactElement | null {
  const lines = metricLines(view.head, model.history);
  if (!lines.length) {
    return null;
  }
  const over = Math.max(...lines.map(line => line.values.length));
  const missing = view.head.status === 'running' ? trans.__('not yet') : trans.__('not reached');
  return (
    <section className="jp-MlopsPage-section" aria-label={trans.__('Metrics')}>
      <h2>
        {trans.__('Metrics')}
        {over > 1 && <small>{trans.__('over the last %1 runs', over)}</small>}
      </h2>
      <dl className="jp-MlopsMetrics">
        {lines.map(({ name, value, values }) => (
          <div key={name}>
            <dt title={name}>{name}</dt>
            {value === null ? (
              <dd className="jp-MlopsMuted">{missing}</dd>
            ) : (
              <dd className="jp-MlopsNumber" title={`${value}`}>
                {shortNumber(value)}
              </dd>
            )}
            <dd>
              {value !== null && (
                <Sparkline
                  values={values}
                  label={trans.__('%1 over %2 runs', name, values.length)}
                />
              )}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Parameters({ view, model, trans }: RunPartProps): ReactElement | null {
  const lines = parameterLines(view.head, model.history);
  if (!lines.length) {
    return null;
  }
  const differ = lines.filter(line => line.differs).length;
  return (
    <section className="jp-MlopsPage-section" aria-label={trans.__('Parameters')}>
      <h2>
        {trans.__('Parameters')}
        {differ > 0 && (
          <small>
            {trans._n('%1 differs from the run before', '%1 differ from the run before', differ)}
          </small>
        )}
      </h2>
      <dl className="jp-MlopsPairs">
        {lines.map(({ name, value, was, differs }) => (
          <div key={name} className={differs ? 'jp-mod-changed' : undefined}>
            <dt title={name}>{name}</dt>
            <dd title={written(value)}>
              {value === undefined ? (
                <span className="jp-MlopsMuted">{trans.__('default')}</span>
              ) : (
                <b>{written(value)}</b>
              )}
              {differs && (
                <span className="jp-MlopsMuted">
                  {' '}
                  {was === undefined
                    ? trans.__('was the default')
                    : trans.__('was %1', written(was))}
                </span>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
