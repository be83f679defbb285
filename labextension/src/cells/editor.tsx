import type { TranslationBundle } from '@jupyterlab/translation';
import { type FormEvent, type KeyboardEvent, type ReactElement, useEffect, useRef, useState } from 'react';

import { Button } from '../components/button';
import { Close } from '../components/glyphs';
import { Select } from '../components/select';
import { Several, Text } from './fields';
import { type Choice, type Field, type Form, formOf, isTaggable, wantedBy, wrongIn } from './form';
import { isName, type Wanted } from './tags';

export interface EditorProps {
  /** What is so now. */
  now: Wanted;
  /** How many cells the edit is about. */
  cells: number;
  /** The step that the cell joins without a name of its own. */
  joins: string | null;
  /** Steps that there are, and those of them that stand above. */
  names: readonly string[];
  above: readonly string[];
  /** Steps that it waits for anyway, because of the code. */
  found: readonly string[];
  colour: string;
  /** Whether a line of the cell says it, rather than tags. */
  line: boolean;
  trans: TranslationBundle;
  /** What would be written, for one cell. */
  preview: (wanted: Wanted) => string;
  onAccept: (wanted: Wanted) => void;
  onRemove: () => void;
  onClose: () => void;
}

/** What a step is called and needs, and what it waits for; written when it is accepted. */
export function Editor(props: EditorProps): ReactElement {
  const { now, trans, onAccept, onClose } = props;
  const box = useRef<HTMLFormElement>(null);
  const [form, setForm] = useState<Form>(() => {
    const found = formOf(now);
    // Whoever opens it on a cell without a tag wants a step.
    return found.choice === 'untagged' ? { ...found, choice: 'step' } : found;
  });
  const [told, setTold] = useState(false);
  const wrong = told ? wrongIn(form) : [];
  const set = (more: Partial<Form>): void => setForm({ ...form, ...more });
  useEffect(() => {
    const form = box.current;
    const first = form?.querySelector<HTMLElement>('[data-field=name]') ?? form?.querySelector('select');
    first?.focus();
    if (first instanceof HTMLInputElement) {
      first.select();
    }
  }, []);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const [first] = wrongIn(form);
    if (first) {
      setTold(true);
      box.current?.querySelector<HTMLElement>(`[data-field=${first}]`)?.focus();
    } else {
      onAccept(wantedBy(form, now));
    }
  };
  return (
    <form
      ref={box}
      className="jp-MlopsEditor-form"
      onSubmit={submit}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.preventDefault();
          event.stopPropagation();
          onClose();
        } else if (event.key === 'Tab') {
          stay(event, box.current);
        } else if (event.key === 'Enter' && event.target instanceof HTMLSelectElement) {
          submit(event);
        }
      }}
    >
      <Header {...props} form={form} set={set} />
      {form.choice === 'step' ? (
        <StepFields {...props} form={form} set={set} wrong={wrong} />
      ) : (
        <p className="jp-MlopsEditor-meaning">{meaning(form.choice, props.joins, trans)}</p>
      )}
      <Footer {...props} form={form} set={set} wrong={wrong} />
    </form>
  );
}

interface PartProps extends EditorProps {
  form: Form;
  set: (more: Partial<Form>) => void;
}

function Header({ form, set, cells, colour, trans, onClose }: PartProps): ReactElement {
  const choices: { value: Choice; label: string }[] = [
    { value: 'step', label: trans.__('Step') },
    { value: 'untagged', label: trans.__('Part of the step above') },
    { value: 'skip', label: trans.__('Skip') },
    { value: 'parameters', label: trans.__('Parameters') },
    { value: 'imports', label: trans.__('Imports') },
    { value: 'functions', label: trans.__('Functions') },
    { value: 'setup', label: trans.__('Setup') },
    { value: 'pipeline-metrics', label: trans.__('Metrics') }
  ];
  return (
    <header>
      {form.choice === 'step' && <span className="jp-MlopsChip-dot" style={{ background: colour }} />}
      <Select<Choice>
        bare
        label={trans.__('What the cell is')}
        value={form.choice}
        choices={choices}
        onChange={choice => set({ choice })}
      />
      <span className="jp-MlopsMuted">{trans._n('%1 cell', '%1 cells', cells)}</span>
      <button type="button" className="jp-MlopsIconButton" aria-label={trans.__('Close')} onClick={onClose}>
        <Close />
      </button>
    </header>
  );
}

function StepFields(props: PartProps & { wrong: readonly Field[] }): ReactElement {
  const { form, set, wrong, names, above, found, trans } = props;
  const text = (field: Exclude<Field, 'age'>) => ({
    field,
    value: form[field],
    wrong: wrong.includes(field),
    onChange: (value: string) => set({ [field]: value })
  });
  return (
    <div className="jp-MlopsForm">
      <span>{trans.__('Name')}</span>
      <Text label={trans.__('Name')} known={names} {...text('name')} />
      <span>{trans.__('After')}</span>
      <Several
        label={trans.__('After')}
        field="after"
        said={form.after}
        known={above}
        hint={trans.__('Add a step')}
        fits={isName}
        without={name => trans.__('Not after %1', name)}
        onChange={after => set({ after })}
      />
      {found.length > 0 && (
        <span className="jp-MlopsForm-help">
          {trans._n('%2 is found from the code anyway', '%2 are found from the code anyway', found.length, found.join(', '))}
        </span>
      )}
      <span>{trans.__('Resources')}</span>
      <span className="jp-MlopsEditor-row">
        <Text label={trans.__('CPU cores')} unit="CPU" {...text('cpus')} />
        <Text label={trans.__('GPUs')} unit="GPU" {...text('gpus')} />
        <Text label={trans.__('Memory')} unit="GB" {...text('memory')} />
      </span>
      <span>{trans.__('Accelerator')}</span>
      <Text label={trans.__('Accelerator')} hint={trans.__('Any, or a model as in A100')} {...text('accelerator')} />
      <span>{trans.__('Retries')}</span>
      <span className="jp-MlopsEditor-row">
        <Text label={trans.__('Retries')} {...text('retries')} />
        <span className="jp-MlopsEditor-between">{trans.__('Timeout')}</span>
        <Text label={trans.__('Timeout')} unit={trans.__('min')} {...text('timeout')} />
      </span>
      <span>{trans.__('Cache')}</span>
      <span className="jp-MlopsEditor-row">
        <Select<Form['cache']>
          label={trans.__('Cache')}
          value={form.cache}
          choices={[
            { value: '', label: trans.__('Default') },
            { value: 'on', label: trans.__('On') },
            { value: 'off', label: trans.__('Off') },
            { value: 'age', label: trans.__('For a while') }
          ]}
          onChange={cache => set({ cache })}
        />
        {form.cache === 'age' && (
          <Text
            label={trans.__('How old a result may be')}
            hint="1d"
            field="age"
            value={form.age}
            wrong={wrong.includes('age')}
            onChange={age => set({ age })}
          />
        )}
      </span>
      <Effects {...props} />
    </div>
  );
}

/** What the code doesn't show: files that are read unseen, and acts that must keep their turn. */
function Effects({ form, set, trans }: PartProps): ReactElement {
  const help = trans.__('A file or folder whose change runs the step again, where reading it can’t be seen');
  return (
    <>
      <span>{trans.__('Data')}</span>
      <Several
        label={trans.__('Data')}
        field="data"
        said={form.data}
        hint={trans.__('Add a file or folder')}
        help={help}
        fits={isTaggable}
        without={path => trans.__('Without %1', path)}
        onChange={data => set({ data })}
      />
      <span>{trans.__('Serial')}</span>
      <label className="jp-MlopsForm-check" title={trans.__('For effects that can’t be seen')}>
        <input type="checkbox" data-field="serial" checked={form.serial} onChange={event => set({ serial: event.target.checked })} />
        <span>{trans.__('Only when all above has finished')}</span>
      </label>
    </>
  );
}

function Footer(props: PartProps & { wrong: readonly Field[] }): ReactElement {
  const { form, now, wrong, line, preview, trans, onRemove } = props;
  const text = wrongIn(form).length ? '' : preview(wantedBy(form, now));
  const tagged = now.step !== null || now.label !== '';
  return (
    <footer>
      <div className="jp-MlopsEditor-tags" aria-label={trans.__('What is written')}>
        {text || ' '}
      </div>
      <div className="jp-MlopsEditor-said" role="status">
        {wrong[0]
          ? needs(wrong[0], trans)
          : line
            ? trans.__('Written in the cell’s first line · Z undoes')
            : trans.__('Written as cell tags · Z undoes')}
      </div>
      <div className="jp-MlopsEditor-acts">
        <button type="submit" className="jp-MlopsButton jp-mod-primary">
          <span>{trans.__('Apply')}</span>
        </button>
        {tagged && (
          <Button bare onClick={onRemove}>
            {now.step === null ? trans.__('Remove tag') : trans.__('Remove step')}
          </Button>
        )}
      </div>
    </footer>
  );
}

function needs(field: Field, trans: TranslationBundle): string {
  switch (field) {
    case 'name':
      return trans.__('A name of letters, digits, _ and -');
    case 'memory':
      return trans.__('A size, as in 8 or 512MB');
    case 'timeout':
      return trans.__('A time, as in 10 or 1h30m');
    case 'age':
      return trans.__('How old a result may be, as in 1d or 12h');
    case 'accelerator':
      return trans.__('One model, as in A100');
    case 'retries':
      return trans.__('How often it is tried again, as in 2');
    default:
      return trans.__('A number, as in 2 or 0.5');
  }
}

function meaning(choice: Choice, joins: string | null, trans: TranslationBundle): string {
  switch (choice) {
    case 'untagged':
      return joins ? trans.__('The cell runs with step %1, above it.', joins) : trans.__('The cell runs with what stands above it.');
    case 'skip':
      return trans.__('Left out of the pipeline; its outputs are emptied there.');
    case 'parameters':
      return trans.__('Names that a run can set. There is one such cell.');
    case 'functions':
      return trans.__('Functions and classes, known to every step that uses them.');
    case 'pipeline-metrics':
      return trans.__('The numbers that it prints or names become metrics of the run.');
    default:
      return trans.__('Runs where it stands, for every step that uses it.');
  }
}

/** Tab stays inside. */
function stay(event: KeyboardEvent, box: HTMLElement | null): void {
  const stops = [...(box?.querySelectorAll<HTMLElement>('input, select, button') ?? [])];
  const [first, last] = [stops[0], stops.at(-1)];
  if (event.shiftKey && document.activeElement === first) {
    event.preventDefault();
    last?.focus();
  } else if (!event.shiftKey && document.activeElement === last) {
    event.preventDefault();
    first?.focus();
  }
}
