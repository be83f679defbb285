import type { TranslationBundle } from '@jupyterlab/translation';

import type { RunDiff } from '../tokens';
import { differences, metricRows, shortNumber, signed, verdict, written } from './comparison';
import type { Pair } from './comparepage';
import { needWord } from './needs';
import { shortId } from './runwords';
import { took } from './words';

type StepChange = RunDiff['steps'][number];

/** What became of a step in one of the two runs. */
export function sideWords(step: StepChange, side: 0 | 1, trans: TranslationBundle): string {
  const [status, cached, seconds] = [step.status[side], step.cached[side], step.seconds[side]];
  switch (status) {
    case null:
      return trans.__('not there');
    case 'succeeded':
      return cached
        ? trans.__('cached')
        : seconds === null
          ? trans.__('done')
          : took(seconds, trans);
    case 'failed':
      return trans.__('failed');
    case 'skipped':
      return trans.__('not reached');
    case 'running':
      return trans.__('running');
    case 'waiting':
      return trans.__('waiting');
    default:
      return trans.__('cancelled');
  }
}

/** Why the second run did something else with a step, or that it did not. */
export function whyWords(step: StepChange, trans: TranslationBundle): string {
  if (step.error[1]) {
    return step.error[1].split('\n')[0] ?? '';
  }
  if (step.cached[1]) {
    // In between another run may have left it.
    return step.code
      ? trans.__('code changed, its result was there already')
      : trans.__('its result was there already');
  }
  const changed = step.code && step.status[1] !== null;
  return step.why.join('; ') || (changed ? trans.__('code changed') : '');
}

/** Whether the step went the same way in both. */
export function sameStep({ status, cached, code, error }: StepChange): boolean {
  return !code && status[0] === status[1] && cached[0] === cached[1] && error[0] === error[1];
}

/** The comparison as Markdown, to be pasted elsewhere. */
export function asMarkdown({ a, b, diff }: Pair, trans: TranslationBundle): string {
  const cell = (value: unknown): string =>
    String(value ?? '–')
      .replaceAll('|', '\\|')
      .replaceAll('\n', ' ');
  const row = (...values: unknown[]): string => `| ${values.map(cell).join(' | ')} |`;
  const table = (title: string, rows: unknown[][]): string[] =>
    rows.length
      ? [
          '',
          row(title, shortId(a.run_id), shortId(b.run_id), ''),
          row('---', '---', '---', '---'),
          ...rows.map(one => row(...one))
        ]
      : [];
  const metrics = metricRows(a, b).filter(one => one.change !== 0);
  const steps = diff.steps.filter(step => !sameStep(step));
  const codes = [diff.outside, ...diff.steps.map(step => step.code)].filter(code => code !== null);
  return [
    `**${verdict(a, b, trans)}** ${differences(diff, trans)}.`,
    ...table(
      trans.__('parameter'),
      diff.parameters.map(({ what, a: one, b: two }) => [
        what,
        written(one ?? undefined),
        written(two ?? undefined),
        ''
      ])
    ),
    ...table(
      trans.__('metric'),
      metrics.map(one => [
        one.name,
        one.a === null ? '–' : shortNumber(one.a),
        one.b === null ? '–' : shortNumber(one.b),
        one.change === null ? '' : signed(one.change)
      ])
    ),
    ...table(
      trans.__('environment and data'),
      diff.needs.changes.map(({ kind, what, a: one, b: two }) => [
        what,
        one,
        two,
        needWord(kind, trans)
      ])
    ),
    ...table(
      trans.__('step'),
      steps.map(step => [
        step.name,
        sideWords(step, 0, trans),
        sideWords(step, 1, trans),
        whyWords(step, trans)
      ])
    ),
    ...codes.flatMap(code => ['', '```diff', code.text, '```'])
  ].join('\n');
}
