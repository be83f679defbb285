import type { TranslationBundle } from '@jupyterlab/translation';
import { type ReactElement, useMemo, useState } from 'react';

import { between, grouped, MANY, worst } from '../models/folding';
import type { Problem, StepState } from '../tokens';
import type { Edge } from './lanes';
import { Rail } from './rail';
import type { RailRow } from './railrow';

/** A step as the rail shows it. */
export interface ShownStep {
  name: string;
  colour: string;
  state: StepState;
  problems: readonly Problem[];
  /** Why it would run, in full. */
  why: string;
  /** It has to wait, or is not reached. */
  dim: boolean;
  /** The heading above it in the notebook. */
  heading: string | null;
}

export interface StepsProps {
  steps: readonly ShownStep[];
  edges: readonly (readonly [string, string])[];
  selected: string | null;
  trans: TranslationBundle;
  onSelect: (step: string) => void;
  onOpen: (step: string) => void;
}

/** The steps as a rail; many of them fold under their headings. */
export function Steps(props: StepsProps): ReactElement {
  const { steps, edges, selected, trans } = props;
  const names = steps.map(step => step.name).join('\n');
  const numbered = useMemo(() => {
    const places = new Map(names.split('\n').map((name, at) => [name, at]));
    return edges.map(([a, b]): Edge => [places.get(a) ?? -1, places.get(b) ?? -1]);
  }, [names, edges]);
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const folds = steps.length > MANY && steps.some(step => step.heading !== null);
  const { rows, lines } = useMemo(
    () => (folds ? folded(steps, numbered, opened, selected, trans) : flat(steps, numbered)),
    [folds, steps, numbered, opened, selected, trans]
  );
  const onFold = (key: string, open: boolean): void => {
    const now = new Set(opened);
    now[open ? 'add' : 'delete'](key);
    setOpened(now);
  };
  return (
    <Rail
      rows={rows}
      edges={lines}
      selected={selected}
      label={trans.__('Steps')}
      trans={trans}
      onSelect={props.onSelect}
      onOpen={props.onOpen}
      onFold={onFold}
    />
  );
}

interface Shown {
  rows: RailRow[];
  lines: readonly Edge[];
}

function flat(steps: readonly ShownStep[], edges: readonly Edge[]): Shown {
  return { rows: steps.map(step => rowOf(step)), lines: edges };
}

function folded(
  steps: readonly ShownStep[],
  edges: readonly Edge[],
  opened: ReadonlySet<string>,
  selected: string | null,
  trans: TranslationBundle
): Shown {
  const rows: RailRow[] = [];
  const at: number[] = [];
  for (const { heading, places } of grouped(steps.map(step => step.heading))) {
    const own = places.flatMap(place => steps[place] ?? []);
    if (places.length === 1 || heading === '') {
      own.forEach((step, nth) => {
        at[places[nth] ?? 0] = rows.length;
        rows.push(rowOf(step));
      });
      continue;
    }
    const key = `# ${heading} ${places[0]}`;
    // What is chosen elsewhere is never hidden.
    const open = opened.has(key) || own.some(step => step.name === selected);
    places.forEach((place, nth) => (at[place] = rows.length + (open ? nth + 1 : 0)));
    rows.push(headingRow(key, heading, own, open, trans));
    if (open) {
      rows.push(...own.map(step => ({ ...rowOf(step), inside: true })));
    }
  }
  return { rows, lines: between(edges, at) };
}

function headingRow(
  key: string,
  name: string,
  own: readonly ShownStep[],
  open: boolean,
  trans: TranslationBundle
): RailRow {
  const kind = worst(own.map(step => step.state));
  const count = own.filter(step => step.state.kind === kind).length;
  const words =
    open || count === own.length ? `${own.length}` : trans.__('%1 of %2', count, own.length);
  return {
    key,
    name,
    colour: 'var(--jp-layout-color4)',
    state: { kind: open ? 'none' : kind, words },
    fold: open ? 'open' : 'closed'
  };
}

function rowOf(step: ShownStep): RailRow {
  const { name, colour, state, problems, why, dim } = step;
  // Where the state is the problem its icon stands there already.
  const problem = state.kind === 'problem' ? undefined : problems[0]?.message;
  return { key: name, name, colour, state, why: why || undefined, problem, dim };
}
