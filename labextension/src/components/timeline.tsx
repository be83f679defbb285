import type { TranslationBundle } from '@jupyterlab/translation';
import { type ReactElement, useRef } from 'react';

import { type Schedule, type ScheduleRow, type Stretch, ticks } from '../models/schedule';
import { clock, took } from '../models/words';
import type { StepState } from '../tokens';
import { Name } from './name';
import { rowOf, useRoving } from './roving';
import { StateIcon } from './state';
import { useWidth } from './width';

/** Between the ruler's marks at least. */
const APART = 90;
/** What a row's words need behind its last bar. */
const WORDS = 132;
const NAMES = 148;

export interface TimelineProps {
  schedule: Schedule;
  selected: string | null;
  trans: TranslationBundle;
  stateOf: (step: string) => StepState;
  colourOf: (step: string) => string;
  onSelect: (step: string) => void;
  onOpen: (step: string) => void;
}

/** When each step was worked at: a row a step, in its colour; one Tab stop. */
export function Timeline(props: TimelineProps): ReactElement {
  const { schedule, selected, trans, onSelect, onOpen } = props;
  const { rows, span } = schedule;
  const box = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLOListElement>(null);
  const width = useWidth(box);
  const room = Math.max(80, width - NAMES - WORDS);
  const names = rows.map(row => row.step.name);
  const { stop, setStop, onKey } = useRoving(list, names, names.indexOf(selected ?? ''));
  const marks = ticks(span, Math.max(1, Math.floor(room / APART)));
  const scale = room / span;
  return (
    <div className="jp-MlopsTimeline" ref={box}>
      <div className="jp-MlopsTimeline-ruler" aria-hidden="true">
        {marks.map(at => (
          <span key={at} style={{ left: NAMES + at * scale }}>
            {mark(at, span, trans)}
          </span>
        ))}
      </div>
      <ol
        ref={list}
        role="listbox"
        aria-label={trans.__('Timeline')}
        style={{ '--jp-mlops-names': `${NAMES}px` } as React.CSSProperties}
        onKeyDown={event => {
          const row = rows[stop];
          if (row && (event.key === 'Enter' || event.key === ' ')) {
            (event.key === 'Enter' ? onOpen : onSelect)(row.step.name);
          } else if (event.ctrlKey || event.metaKey || event.altKey || !onKey(event)) {
            return;
          }
          const now =
            list.current &&
            [...list.current.children].indexOf(document.activeElement ?? list.current);
          const moved = now === null ? undefined : rows[now];
          if (moved && event.key !== 'Enter') {
            onSelect(moved.step.name);
          }
          event.preventDefault();
          event.stopPropagation();
        }}
      >
        {rows.map((row, at) => (
          <Row
            key={row.step.name}
            {...props}
            row={row}
            scale={scale}
            chosen={row.step.name === selected}
            stop={at === stop}
            onFocus={() => setStop(at)}
            onClick={() => {
              rowOf(list.current, at)?.focus();
              onSelect(row.step.name);
            }}
          />
        ))}
      </ol>
      <div className="jp-MlopsTimeline-marks" aria-hidden="true">
        {marks.map(at => (
          <i key={at} style={{ left: NAMES + at * scale }} />
        ))}
      </div>
    </div>
  );
}

interface RowProps extends TimelineProps {
  row: ScheduleRow;
  scale: number;
  chosen: boolean;
  stop: boolean;
  onFocus: () => void;
  onClick: () => void;
}

function Row(props: RowProps): ReactElement {
  const { row, schedule, scale, chosen, stop, trans, stateOf, colourOf, onFocus, onClick, onOpen } =
    props;
  const { name } = row.step;
  const state = stateOf(name);
  const dim = state.kind === 'waiting' || state.kind === 'skipped';
  // What was not reached stands at the run's end; what has not begun, at its begin.
  const none = state.kind === 'skipped' ? schedule.span : 0;
  const busy = [row.end ?? none, ...row.stretches.map(one => one.to)];
  const end = Math.max(...busy) * scale;
  const kinds = ['jp-MlopsTimeline-row', chosen && 'jp-mod-selected', dim && 'jp-mod-dim'];
  return (
    <li
      role="option"
      aria-selected={chosen}
      aria-label={[name, state.words, ...said(row, trans)].filter(Boolean).join(', ')}
      tabIndex={stop ? 0 : -1}
      className={kinds.filter(Boolean).join(' ')}
      style={{ '--jp-mlops-step': colourOf(name) } as React.CSSProperties}
      onFocus={onFocus}
      onClick={onClick}
      onDoubleClick={() => onOpen(name)}
    >
      <i className="jp-MlopsDot" />
      <Name className="jp-MlopsTimeline-name" name={name} />
      <span className="jp-MlopsTimeline-bars">
        {row.stretches.map((one, at) => (
          <Bar key={at} stretch={one} scale={scale} trans={trans} />
        ))}
        {row.cachedAt !== null && (
          <i className="jp-MlopsStretch jp-mod-cached" style={{ left: row.cachedAt * scale }} />
        )}
        <span className="jp-MlopsTimeline-words" style={{ left: end + 6 }}>
          <StateIcon state={state} />
          <span title={row.step.error ?? undefined}>{state.words}</span>
        </span>
      </span>
    </li>
  );
}

function Bar(props: { stretch: Stretch; scale: number; trans: TranslationBundle }): ReactElement {
  const { stretch, scale, trans } = props;
  const { kind, from, to, early } = stretch;
  const width = Math.max(kind === 'wait' ? 0 : 2, (to - from) * scale);
  const kinds = ['jp-MlopsStretch', `jp-mod-${kind}`, early && 'jp-mod-early'];
  return (
    <i
      className={kinds.filter(Boolean).join(' ')}
      style={{ left: from * scale, width }}
      title={hover(stretch, trans)}
    />
  );
}

/** What a bar says when it is pointed at. */
function hover({ kind, from, to, worker, early, why }: Stretch, trans: TranslationBundle): string {
  const time = took(to - from, trans);
  const what =
    kind === 'dropped'
      ? trans.__('begun early, thrown away after %1: %2', time, why)
      : kind === 'wait'
        ? why
          ? trans.__('waited %1 for %2', time, why)
          : trans.__('waited %1 for a value', time)
        : early
          ? trans.__('%1, ahead of its turn', time)
          : time;
  return [what, worker].filter(Boolean).join(' · ');
}

function said(row: ScheduleRow, trans: TranslationBundle): string[] {
  const drops = row.step.dropped.length;
  return [
    row.step.worker ? trans.__('on %1', row.step.worker) : '',
    drops ? trans._n('%1 early attempt thrown away', '%1 early attempts thrown away', drops) : ''
  ];
}

function mark(at: number, span: number, trans: TranslationBundle): string {
  return span < 60 ? trans.__('%1 s', at) : clock(at);
}
