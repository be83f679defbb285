import type { ReactElement } from 'react';

import { Button } from '../components/button';
import { MayRun, Stale } from '../components/glyphs';
import { Goto } from '../components/runglyphs';
import { keyPart } from '../models/explainwords';
import { took } from '../models/words';
import type { ExplainPartProps } from './explainview';

/** The chosen step: what of its key changed, old and new; what it reads and writes. */
export function ExplainStep({
  model,
  plan,
  commands,
  trans
}: ExplainPartProps): ReactElement | null {
  const fate = plan.steps.find(step => step.name === model.selected);
  const step = model.view?.steps.find(one => one.name === model.selected);
  if (!fate) {
    return null;
  }
  const cells = step?.cells ?? [];
  const [first, last] = [cells[0], cells.at(-1)];
  const where =
    first === undefined
      ? ''
      : first === last
        ? trans.__('cell %1', first)
        : trans.__('cells %1 to %2', first, last);
  const uncertain = (kind: string): boolean => kind === 'above' || kind === 'process';
  const facts: [string, string][] = [
    [
      trans.__('Reads'),
      (step?.reads ?? [])
        .map(read => (read.source ? trans.__('%1 from %2', read.name, read.source) : read.name))
        .join(', ')
    ],
    [trans.__('Writes'), step?.writes.join(', ') ?? ''],
    [trans.__('Runs'), fate.where],
    [trans.__('Waits for'), fate.waits.join(', ')],
    [trans.__('Took last'), fate.seconds === null ? '' : took(fate.seconds, trans)]
  ];
  return (
    <aside>
      <section className="jp-MlopsPage-section" aria-label={fate.name}>
        <h2>
          <i className="jp-MlopsDot" style={{ background: model.colourOf(fate.name) }} />
          {fate.name}
          <small>{where}</small>
          {first !== undefined && (
            <span className="jp-MlopsToolbar-end">
              <Button
                quiet
                icon={<Goto />}
                onClick={() =>
                  void commands.execute('mlops:go-to-cell', { path: model.path, cell: first })
                }
              >
                {trans.__('Go to cell')}
              </Button>
            </span>
          )}
        </h2>
        {fate.why.length ? (
          <table className="jp-MlopsKey">
            <thead>
              <tr>
                <th scope="col">{trans.__('Changed')}</th>
                <th scope="col">{trans.__('Last run')}</th>
                <th scope="col">{trans.__('Now')}</th>
              </tr>
            </thead>
            <tbody>
              {fate.why.map((reason, at) => (
                <tr key={at}>
                  <th scope="row" title={reason.text}>
                    <span>
                      {uncertain(reason.kind) ? <MayRun /> : <Stale />}
                      <span>{keyPart(reason, trans)}</span>
                    </span>
                  </th>
                  {reason.old || reason.new ? (
                    <>
                      <td title={reason.old}>
                        <code>{reason.old}</code>
                      </td>
                      <td title={reason.new}>
                        <code>{reason.new}</code>
                      </td>
                    </>
                  ) : (
                    <td colSpan={2} className="jp-MlopsMuted" title={reason.text}>
                      {reason.text}
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        ) : (
          <p className="jp-MlopsMuted">
            {trans.__('Code, inputs, files, packages and settings are as they were.')}
          </p>
        )}
      </section>
      <section className="jp-MlopsPage-section">
        <dl className="jp-MlopsPairs">
          {facts.map(
            ([word, value]) =>
              value && (
                <div key={word}>
                  <dt>{word}</dt>
                  <dd title={value}>{value}</dd>
                </div>
              )
          )}
        </dl>
        <p className="jp-MlopsMuted">{trans.__('Comments and layout don’t count.')}</p>
      </section>
    </aside>
  );
}
