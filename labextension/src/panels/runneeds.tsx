import type { TranslationBundle } from '@jupyterlab/translation';
import { Fragment, type ReactElement, type ReactNode, useId, useState } from 'react';

import { Down, Right } from '../components/glyphs';
import { Name } from '../components/name';
import { SearchField } from '../components/searchfield';
import {
  bytes,
  type FileNeed,
  matching,
  mostMemory,
  needsOf,
  platform,
  pythonVersion,
  type RunNeeds,
  short,
  surfaceWord,
  worked
} from '../models/needs';
import { took } from '../models/words';
import type { StepRecord } from '../tokens';
import type { RunPartProps } from './runview';

type Row = readonly [word: string, value: ReactNode];

/** Files that are listed before the rest is asked for. */
const FEW = 5;
/** So many packages are looked through without a filter. */
const EASY = 12;

/** What the run needed, where it ran, and both for the chosen step. */
export function RunNeedsParts(props: RunPartProps): ReactElement {
  const { view, model, trans } = props;
  const step = view.steps.find(one => one.name === model.selected);
  return (
    <>
      <Part title={trans.__('What it needed')} rows={neededRows(props)} />
      <Part title={trans.__('Where it ran')} rows={placeRows(props)} />
      {step && (
        <Part
          key={step.name}
          title={step.name}
          dot={model.colourOf(step.name)}
          rows={stepRows(step, props)}
        />
      )}
    </>
  );
}

function neededRows({ view, trans }: RunPartProps): Row[] {
  const { needs, steps } = view;
  const most = mostMemory(steps);
  const busy = worked(steps);
  return [
    ...commonRows(needs, trans),
    [
      trans.__('Memory'),
      most && (
        <>
          {bytes(most.memory)}{' '}
          <span className="jp-MlopsMuted">{trans.__('at most, in %1', most.name)}</span>
        </>
      )
    ],
    [trans.__('Processor'), busy >= 0.05 && took(busy, trans)],
    [trans.__('Python'), needs.python.map(pythonVersion).join('; ')],
    [trans.__('Packages'), packages(needs, trans)]
  ];
}

function placeRows({ view, trans }: RunPartProps): Row[] {
  const { head, timeline, options, needs, spec } = view;
  const systems = [...new Set(needs.python.map(platform))].join('; ');
  const ray = head.executor === 'ray' ? 'Ray' : head.executor;
  const dirty = head.git_dirty ? trans.__(' and changes') : '';
  return [
    [trans.__('Machine'), [head.host, systems].filter(Boolean).join(' · ')],
    [trans.__('Executor'), head.executor === 'local' ? trans.__('this machine') : ray],
    [trans.__('Kernel'), spec],
    [trans.__('Workers'), timeline.rows.map(row => row.label).join(', ')],
    [
      trans.__('Started by'),
      [head.user, surfaceWord(head.surface, trans)].filter(Boolean).join(' ')
    ],
    [
      trans.__('Commit'),
      head.git_commit && (
        <>
          <code>{head.git_commit.slice(0, 7)}</code>
          {dirty}
        </>
      )
    ],
    [trans.__('Work'), timeline.worked >= 0.05 && took(timeline.worked, trans)],
    [trans.__('Waited'), timeline.waited >= 0.05 && took(timeline.waited, trans)],
    [trans.__('Cache'), options.cache === false && trans.__('off')],
    [trans.__('Run'), head.run_id]
  ];
}

function stepRows(step: StepRecord, { view, trans }: RunPartProps): Row[] {
  const needs = needsOf(view.needs, step.name);
  return [
    [trans.__('Worker'), step.worker],
    [trans.__('Reads'), step.reads.join(', ')],
    [trans.__('Writes'), step.writes.join(', ')],
    [trans.__('Why it ran'), !step.cached && step.why.join('; ')],
    [trans.__('Attempts'), step.attempts > 1 && `${step.attempts}`],
    [trans.__('Cache saved'), step.saved >= 0.05 && took(step.saved, trans)],
    ...commonRows(needs, trans),
    [trans.__('Memory'), step.memory !== null && trans.__('%1 at most', bytes(step.memory))],
    [trans.__('Processor'), (step.cpu ?? 0) >= 0.05 && took(step.cpu ?? 0, trans)],
    [trans.__('Packages'), packages(needs, trans)]
  ];
}

function commonRows(needs: RunNeeds, trans: TranslationBundle): Row[] {
  const { files, more, outside, variables } = needs;
  return [
    [
      trans.__('Files'),
      files.length > 0 && <Files files={files} more={more} trans={trans} />
    ],
    [trans.__('Outside'), outside.map(one => one.name).join(', ')],
    [trans.__('Environment'), variables.map(one => one.name).join(', ')]
  ];
}

function packages({ packages: all }: RunNeeds, trans: TranslationBundle): ReactNode {
  return Object.keys(all).length > 0 && <Packages packages={all} trans={trans} />;
}

interface FilesProps {
  files: readonly FileNeed[];
  more: number;
  trans: TranslationBundle;
}

/** Files that were read, each with what tells its content; the first few, then all. */
function Files({ files, more, trans }: FilesProps): ReactElement {
  const [all, setAll] = useState(false);
  const shown = all ? files : files.slice(0, FEW);
  const left = files.length - shown.length;
  return (
    <>
      <ul className="jp-MlopsNeeds-files">
        {shown.map(({ path, digest, size, steps }) => (
          <li
            key={`${path}/${digest}`}
            title={[path, digest, trans.__('read by %1', steps.join(', '))].join('\n')}
          >
            <Name name={path} />{' '}
            <span className="jp-MlopsMuted">
              <code>{short(digest)}</code>
              {size !== null && ` ${bytes(size)}`}
            </span>
          </li>
        ))}
      </ul>
      {left > 0 && (
        <button type="button" className="jp-MlopsLink" onClick={() => setAll(true)}>
          {trans._n('Show %1 more', 'Show %1 more', left)}
        </button>
      )}
      {more > 0 && left === 0 && (
        <span className="jp-MlopsMuted">
          {trans._n('and %1 more file', 'and %1 more files', more)}
        </span>
      )}
    </>
  );
}

interface PackagesProps {
  packages: RunNeeds['packages'];
  trans: TranslationBundle;
}

/** How many packages were loaded; which, once that is asked for. */
function Packages({ packages: all, trans }: PackagesProps): ReactElement {
  const [open, setOpen] = useState(false);
  const [words, setWords] = useState('');
  const id = useId();
  const many = Object.keys(all).length;
  const found = matching(all, words);
  return (
    <>
      <button
        type="button"
        className="jp-MlopsLink"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        {open ? <Down /> : <Right />}
        {trans._n('%1 package', '%1 packages', many)}
      </button>
      <div id={id} className="jp-MlopsNeeds-packages" hidden={!open}>
        {many > EASY && (
          <SearchField label={trans.__('Filter packages')} value={words} onChange={setWords} />
        )}
        <dl>
          {found.map(([name, version]) => (
            <Fragment key={name}>
              <dt title={name}>{name}</dt>
              <dd>{version}</dd>
            </Fragment>
          ))}
        </dl>
        {!found.length && <span className="jp-MlopsMuted">{trans.__('No package matches.')}</span>}
      </div>
    </>
  );
}

/** A section of words and values; those without a value are left out. */
function Part(props: { title: string; dot?: string; rows: readonly Row[] }): ReactElement | null {
  const rows = props.rows.filter(([, value]) => value);
  if (!rows.length) {
    return null;
  }
  return (
    <section className="jp-MlopsPage-section" aria-label={props.title}>
      <h2>
        {props.dot && <i className="jp-MlopsDot" style={{ background: props.dot }} />}
        {props.dot ? <Name name={props.title} /> : props.title}
      </h2>
      <dl className="jp-MlopsPairs">
        {rows.map(([word, value]) => {
          const plain = typeof value === 'string';
          return (
            <div key={word}>
              <dt title={word}>{word}</dt>
              <dd className={plain ? undefined : 'jp-mod-whole'} title={plain ? value : undefined}>
                {value}
              </dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
}
