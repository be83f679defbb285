import type { ReactElement } from 'react';

import { Name } from '../components/name';
import { Sparkline } from '../components/sparkline';
import { shortNumber, written } from '../models/comparison';
import { metricLines, parameterLines } from '../models/metrics';
import { took } from '../models/words';
import type { RunPartProps } from './runview';

/** What came of the run, what it was given, and what it used. */
export function RunAside(props: RunPartProps): ReactElement {
  return (
    <aside>
      <Metrics {...props} />
      <Parameters {...props} />
      <Used {...props} />
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

function Used({ view, model, trans }: RunPartProps): ReactElement {
  const { head, timeline, options } = view;
  const step = view.steps.find(one => one.name === model.selected);
  const found: [string, string][] = [
    [trans.__('Machine'), head.host],
    [trans.__('Kernels'), timeline.rows.map(row => row.label).join(', ')],
    [trans.__('Work'), timeline.worked >= 0.05 ? took(timeline.worked, trans) : ''],
    [trans.__('Waited'), timeline.waited >= 0.05 ? took(timeline.waited, trans) : ''],
    [trans.__('Cache'), options.cache === false ? trans.__('off') : ''],
    [trans.__('Run'), head.run_id]
  ];
  const own: [string, string][] = step
    ? [
        [trans.__('Worker'), step.worker ?? ''],
        [trans.__('Reads'), step.reads.join(', ')],
        [trans.__('Writes'), step.writes.join(', ')],
        [trans.__('Why it ran'), step.cached ? '' : step.why.join('; ')],
        [trans.__('Attempts'), step.attempts > 1 ? `${step.attempts}` : '']
      ]
    : [];
  return (
    <>
      <section className="jp-MlopsPage-section" aria-label={trans.__('What it used')}>
        <h2>{trans.__('What it used')}</h2>
        <Pairs pairs={found} />
      </section>
      {step && own.some(([, value]) => value) && (
        <section className="jp-MlopsPage-section" aria-label={step.name}>
          <h2>
            <i className="jp-MlopsDot" style={{ background: model.colourOf(step.name) }} />
            <Name name={step.name} />
          </h2>
          <Pairs pairs={own} />
        </section>
      )}
    </>
  );
}

function Pairs({ pairs }: { pairs: readonly (readonly [string, string])[] }): ReactElement {
  return (
    <dl className="jp-MlopsPairs">
      {pairs.map(
        ([word, value]) =>
          value && (
            <div key={word}>
              <dt>{word}</dt>
              <dd title={value}>{value}</dd>
            </div>
          )
      )}
    </dl>
  );
}
