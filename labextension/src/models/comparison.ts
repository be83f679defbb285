import type { TranslationBundle } from '@jupyterlab/translation';

import type { RunDiff, RunHead } from '../tokens';
import { listed } from './words';

/** Whether a change of a metric is good: told by its name, null where the name leaves it open. */
export type Verdict = 'better' | 'worse' | null;

const LOWER =
  /(^|_)(loss|err|error|brier|mse|rmse|mae|mape|logloss|perplexity|latency|seconds|time|duration|memory|cost|fpr|fnr|wer|cer|fid)(_|$)/i;
const HIGHER =
  /(^|_)(auc|auroc|acc|accuracy|f1|precision|recall|score|r2|ap|map|ndcg|mrr|iou|dice|bleu|rouge|lift|gain|throughput|reward|correct)(_|$|\d)/i;
/** Speed is told apart: a model may be better and slower. */
const TIME = /(^|_)(seconds|time|duration|latency)(_|$)/i;

/** Whether less of a metric is better, as its name says; null where it doesn't say. */
export function lowerIsBetter(name: string): boolean | null {
  return LOWER.test(name) ? true : HIGHER.test(name) ? false : null;
}

export interface MetricRow {
  name: string;
  a: number | null;
  b: number | null;
  change: number | null;
  verdict: Verdict;
  lower: boolean;
}

/** The metrics of two runs, those that differ first. */
export function metricRows(a: RunHead, b: RunHead): MetricRow[] {
  const names = [...new Set([...Object.keys(a.metrics), ...Object.keys(b.metrics)])];
  const rows = names.map(name => metricRow(name, a.metrics[name], b.metrics[name]));
  return [...rows.filter(row => row.change !== 0), ...rows.filter(row => row.change === 0)];
}

function metricRow(name: string, a: number | undefined, b: number | undefined): MetricRow {
  const lower = lowerIsBetter(name);
  const both = a !== undefined && b !== undefined;
  const change = both ? (Object.is(a, b) || (a !== a && b !== b) ? 0 : b - a) : null;
  const verdict =
    change === null || change === 0 || Number.isNaN(change) || lower === null
      ? null
      : change < 0 === lower
        ? 'better'
        : 'worse';
  return { name, a: a ?? null, b: b ?? null, change, verdict, lower: lower === true };
}

/** "B is better on auc and recall, slower to fit": what the metrics say in one sentence. */
export function verdict(a: RunHead, b: RunHead, trans: TranslationBundle): string {
  if (a.status !== b.status && [a, b].some(one => one.status === 'succeeded')) {
    const failed = a.status === 'succeeded' ? b : a;
    const name = failed === a ? 'A' : 'B';
    return failed.status === 'running'
      ? trans.__('%1 is still running', name)
      : trans.__('%1 did not get to its end', name);
  }
  const rows = metricRows(a, b).filter(row => row.change !== null && row.change !== 0);
  const named = (kind: Verdict): string =>
    some(
      rows.filter(row => row.verdict === kind && !TIME.test(row.name)),
      trans
    );
  const [better, worse] = [named('better'), named('worse')];
  const pace = rows.find(row => TIME.test(row.name))?.verdict;
  const speed = pace === 'worse' ? trans.__('slower') : pace === 'better' ? trans.__('faster') : '';
  const parts = [
    better && trans.__('better on %1', better),
    worse && trans.__('worse on %1', worse),
    speed
  ].filter(Boolean);
  if (parts.length) {
    return trans.__('B is %1', parts.join(', '));
  }
  return rows.length
    ? trans._n('%1 metric differs', '%1 metrics differ', rows.length)
    : trans.__('The metrics are the same');
}

/** "1 step's code and 2 parameters differ". */
export function differences(diff: RunDiff, trans: TranslationBundle): string {
  const steps = diff.steps.filter(step => step.code).length;
  const params = diff.parameters.length;
  const packages = diff.needs.changes.filter(one => one.kind !== 'file').length;
  const files = diff.needs.changes.length - packages;
  // papermill writes the parameters into a cell of their own: that is no change of code.
  const outside = diff.outside && !params;
  const parts = [
    steps && trans._n('the code of %1 step', 'the code of %1 steps', steps),
    outside && trans.__('code outside the steps'),
    params && trans._n('%1 parameter', '%1 parameters', params),
    packages && trans._n('%1 package', '%1 packages', packages),
    files && trans._n('%1 file', '%1 files', files)
  ].filter(part => typeof part === 'string');
  return parts.length
    ? trans.__('Between them %1 changed', listed(parts, trans))
    : diff.unread.length
      ? trans.__('No parameter changed between them')
      : trans.__('Neither code nor parameters changed between them');
}

function some(rows: readonly MetricRow[], trans: TranslationBundle): string {
  const names = rows.map(row => row.name);
  return names.length > 2 ? trans.__('%1 metrics', names.length) : listed(names, trans);
}

/** A number of a metric, short enough for a column. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) {
    return `${value}`;
  }
  if (Number.isInteger(value) && Math.abs(value) < 1e15) {
    return value.toLocaleString('en-US');
  }
  const size = Math.abs(value);
  return size >= 1e6 || size < 1e-4
    ? value.toExponential(2)
    : value.toLocaleString('en-US', {
        maximumSignificantDigits: Math.max(4, `${Math.trunc(size)}`.length),
        minimumSignificantDigits: size < 1 ? 1 : undefined
      });
}

/** A change with its sign, as exact as it has to be. */
export function signed(change: number): string {
  const sign = change > 0 ? '+' : change < 0 ? '−' : '±';
  return `${sign}${shortNumber(Number(Math.abs(change).toPrecision(3)))}`;
}

/** A parameter's value as it would be written. */
export function written(value: unknown): string {
  return value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
}
