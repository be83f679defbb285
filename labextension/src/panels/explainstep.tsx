import type { ReactElement } from 'react';

import { Button } from '../components/button';
import { MayRun, Stale } from '../components/glyphs';
import { Name } from '../components/name';
import { Goto } from '../components/runglyphs';
import { keyPart } from '../models/explainwords';
import { took } from '../models/words';
import type { Reason, StepFate } from '../tokens';
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
  return (
    <aside>
      <section className="jp-MlopsPage-section" aria-label={fate.name}>
        <h2>
          <i className="jp-MlopsDot" style={{ background: model.colourOf(fate.name) }} />
          <Name name={fate.name} />
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
        <Changes fate={fate} trans={trans} />
      </section>
      <section className="jp-MlopsPage-section">
        <dl className="jp-MlopsPairs">
          {facts(fate, step, trans).map(
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

type Step = NonNullable<ExplainPartProps['model']['view']>['steps'][number];
type Trans = ExplainPartProps['trans'];

function facts(fate: StepFate, step: Step | undefined, trans: Trans): [string, string][] {
  const reads = (step?.reads ?? []).map(({ name, source }) =>
    source ? trans.__('%1 from %2', name, source) : name
  );
  return [
    [trans.__('Reads'), reads.join(', ')],
    [trans.__('Writes'), step?.writes.join(', ') ?? ''],
    [trans.__('Where'), fate.where],
    [trans.__('Waits for'), fate.waits.join(', ')],
    [trans.__('Took last'), fate.seconds === null ? '' : took(fate.seconds, trans)]
  ];
}

/** What changed of what the step's result depends on. */
function Changes({ fate, trans }: { fate: StepFate; trans: Trans }): ReactElement {
  if (!fate.why.length) {
    return (
      <p className="jp-MlopsMuted">
        {trans.__('Code, inputs, files, packages and settings are as they were.')}
      </p>
    );
  }
  return (
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
          <Change key={at} reason={reason} trans={trans} />
        ))}
      </tbody>
    </table>
  );
}

function Change({ reason, trans }: { reason: Reason; trans: Trans }): ReactElement {
  const { kind, old, text } = reason;
  const uncertain = kind === 'above' || kind === 'process';
  return (
    <tr>
      <th scope="row" title={text}>
        <span>
          {uncertain ? <MayRun /> : <Stale />}
          <span>{keyPart(reason, trans)}</span>
        </span>
      </th>
      {old || reason.new ? (
        <>
          <td title={old}>
            <code>{old}</code>
          </td>
          <td title={reason.new}>
            <code>{reason.new}</code>
          </td>
        </>
      ) : (
        <td colSpan={2} className="jp-MlopsMuted" title={text}>
          {text}
        </td>
      )}
    </tr>
  );
}
