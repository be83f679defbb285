import { type ReactElement, type ReactNode, useRef, useState } from 'react';

import { Name } from '../components/name';
import { useRoving } from '../components/roving';
import { StateIcon } from '../components/state';
import { metricRows, shortNumber, signed, written } from '../models/comparison';
import { sameStep, sideWords, whyWords } from '../models/comparisontext';
import { needWord } from '../models/needs';
import { colour } from '../models/palette';
import type { RunDiff, StateKind } from '../tokens';
import { CompareCode } from './comparecode';
import type { ComparePartProps } from './compareview';

type StepChange = RunDiff['steps'][number];

/** Parameters, metrics, steps; then the code of the chosen step. */
export function CompareTables(props: ComparePartProps): ReactElement {
  const { pair } = props;
  const { steps } = pair.diff;
  const [chosen, setChosen] = useState<string | null>(null);
  const selected =
    steps.find(step => step.name === chosen) ?? steps.find(step => step.code) ?? null;
  return (
    <>
      <Parameters {...props} />
      <Metrics {...props} />
      <Needs {...props} />
      <Steps {...props} selected={selected?.name ?? null} onSelect={setChosen} />
      <CompareCode {...props} selected={selected} />
    </>
  );
}

function Parameters({ pair, only, trans }: ComparePartProps): ReactElement | null {
  const { a, b, diff } = pair;
  const names = [...new Set([...Object.keys(a.params), ...Object.keys(b.params)])];
  const differ = new Set(diff.parameters.map(change => change.what));
  const shown = names.filter(name => differ.has(name) || !only);
  const usual = <span className="jp-MlopsMuted">{trans.__('default')}</span>;
  const value = (one: unknown): ReactNode => (one === undefined ? usual : written(one));
  const rows = shown.map(name => ({
    name,
    a: value(a.params[name]),
    b: value(b.params[name]),
    note: '',
    changed: differ.has(name)
  }));
  return (
    <Table
      title={trans.__('Parameters')}
      rows={rows}
      equal={names.length - differ.size}
      only={only}
      trans={trans}
    />
  );
}

function Metrics({ pair, only, trans }: ComparePartProps): ReactElement | null {
  const all = metricRows(pair.a, pair.b);
  const equal = all.filter(row => row.change === 0).length;
  const number = (value: number | null): string => (value === null ? '–' : shortNumber(value));
  const words = { better: trans.__('better'), worse: trans.__('worse') };
  const rows = all
    .filter(row => row.change !== 0 || !only)
    .map(row => {
      const judged = row.verdict
        ? ` ${words[row.verdict]}${row.lower ? trans.__(', lower is better') : ''}`
        : '';
      const note =
        row.change === null ? (
          trans.__('only in one of them')
        ) : row.change === 0 ? (
          trans.__('the same')
        ) : (
          <>
            <b>{signed(row.change)}</b>
            {judged}
          </>
        );
      return {
        name: row.name,
        a: number(row.a),
        b: number(row.b),
        note,
        changed: row.verdict === 'better'
      };
    });
  return <Table title={trans.__('Metrics')} rows={rows} equal={equal} only={only} trans={trans} />;
}

/** Packages and files that differ; nothing where one of the runs doesn't say what it needed. */
function Needs({ pair, only, trans }: ComparePartProps): ReactElement | null {
  const { changes, same, known, unlisted } = pair.diff.needs;
  const value = (one: string | null): ReactNode =>
    one === null ? <span className="jp-MlopsMuted">{trans.__('not there')}</span> : one;
  const rows = changes.map(({ kind, what, a, b }) => ({
    name: what,
    a: value(a),
    b: value(b),
    note: needWord(kind, trans),
    changed: true
  }));
  const title = trans.__('Environment and data');
  return known && (changes.length > 0 || only) ? (
    <>
      <Table title={title} rows={rows} equal={same} only={only} trans={trans} />
      {unlisted > 0 && (
        <p className="jp-MlopsMuted">
          {trans._n(
            '%1 file more was read; it is not compared',
            '%1 files more were read; they are not compared',
            unlisted
          )}
        </p>
      )}
    </>
  ) : null;
}

interface Row {
  name: string;
  a: ReactNode;
  b: ReactNode;
  note: ReactNode;
  changed: boolean;
}

interface TableProps extends Pick<ComparePartProps, 'only' | 'trans'> {
  title: string;
  rows: readonly Row[];
  equal: number;
}

function Table({ title, rows, equal, only, trans }: TableProps): ReactElement | null {
  if (!rows.length && !equal) {
    return null;
  }
  return (
    <section className="jp-MlopsCompare" aria-label={title}>
      <h2>
        {title}
        {only && equal > 0 && (
          <small>{trans._n('%1 equal, hidden', '%1 equal, hidden', equal)}</small>
        )}
      </h2>
      <table className="jp-MlopsTable">
        <tbody>
          {rows.map(row => (
            <tr key={row.name} className="jp-MlopsCompare-grid">
              <th scope="row" title={row.name}>
                {row.name}
              </th>
              <td>{row.a}</td>
              <td className={row.changed ? 'jp-mod-changed' : undefined}>{row.b}</td>
              <td className="jp-MlopsMuted">{row.note}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface StepsProps extends ComparePartProps {
  selected: string | null;
  onSelect: (step: string) => void;
}

function Steps({ pair, only, trans, selected, onSelect }: StepsProps): ReactElement {
  const { steps } = pair.diff;
  const shown = steps.filter(step => !only || !sameStep(step));
  const list = useRef<HTMLDivElement>(null);
  const names = shown.map(step => step.name);
  const { stop, setStop, onKey } = useRoving(list, names, names.indexOf(selected ?? ''));
  const hidden = steps.length - shown.length;
  return (
    <section className="jp-MlopsCompare" aria-label={trans.__('Steps')}>
      <h2>
        {trans.__('Steps')}
        <small>
          {trans.__('time, and why B ran them')}
          {hidden > 0 && ` · ${trans._n('%1 the same, hidden', '%1 the same, hidden', hidden)}`}
        </small>
      </h2>
      {shown.length > 0 && (
        <div
          className="jp-MlopsTable"
          ref={list}
          role="listbox"
          aria-label={trans.__('Steps')}
          onKeyDown={event => {
            const step = shown[stop];
            if (step && (event.key === 'Enter' || event.key === ' ')) {
              onSelect(step.name);
            } else if (!onKey(event)) {
              return;
            }
            event.preventDefault();
            event.stopPropagation();
          }}
        >
          {shown.map((step, at) => (
            <div
              key={step.name}
              role="option"
              aria-selected={step.name === selected}
              aria-label={spoken(step, trans)}
              tabIndex={at === stop ? 0 : -1}
              className={`jp-MlopsCompare-grid jp-MlopsCompare-step${step.name === selected ? ' jp-mod-selected' : ''}`}
              onFocus={() => setStop(at)}
              onClick={() => onSelect(step.name)}
            >
              <span>
                <i className="jp-MlopsDot" style={{ background: colour(steps.indexOf(step)) }} />
                <Name name={step.name} />
              </span>
              <Side step={step} side={0} trans={trans} />
              <Side step={step} side={1} trans={trans} />
              <span className="jp-MlopsMuted" title={whyWords(step, trans)}>
                {whyWords(step, trans)}
              </span>
            </div>
          ))}
        </div>
      )}
    </section>
  );
}

/** A row of the steps for who can't see it. */
function spoken(step: StepChange, trans: ComparePartProps['trans']): string {
  const sides = ([0, 1] as const).map(side => sideWords(step, side, trans));
  return [step.name, sides.join(' → '), whyWords(step, trans)].filter(Boolean).join(', ');
}

function Side({
  step,
  side,
  trans
}: { step: StepChange; side: 0 | 1 } & Pick<ComparePartProps, 'trans'>): ReactElement {
  return (
    <span className="jp-MlopsNumber" title={step.error[side] ?? undefined}>
      <StateIcon state={{ kind: kindOf(step, side) }} />
      {sideWords(step, side, trans)}
    </span>
  );
}

function kindOf(step: StepChange, side: 0 | 1): StateKind {
  const status = step.status[side];
  switch (status) {
    case null:
      return 'none';
    case 'succeeded':
      return step.cached[side] ? 'cached' : 'succeeded';
    case 'failed':
    case 'running':
    case 'waiting':
    case 'skipped':
      return status;
    default:
      return 'cancelled';
  }
}
