import type { TranslationBundle } from '@jupyterlab/translation';
import { type ReactElement, useId, useReducer } from 'react';

import { kindOf, shown, typed } from '../models/parameters';
import type { Parameter } from '../tokens';
import { Failed } from './glyphs';

export interface ParametersProps {
  parameters: readonly Parameter[];
  /** What was typed for a parameter; null where it is as the notebook has it. */
  text: (name: string) => string | null;
  disabled: boolean;
  trans: TranslationBundle;
  onType: (name: string, text: string) => void;
}

/** A field for each parameter: its type, its help, and what it was where it was changed. */
export function Parameters(props: ParametersProps): ReactElement {
  return (
    <div className="jp-MlopsForm">
      {props.parameters.map(parameter => (
        <Field key={parameter.name} parameter={parameter} {...props} />
      ))}
    </div>
  );
}

function Field(props: ParametersProps & { parameter: Parameter }): ReactElement {
  const { parameter, disabled, trans, onType } = props;
  const { name, help } = parameter;
  const kind = kindOf(parameter);
  const usual = shown(parameter);
  const typedText = props.text(name);
  const text = typedText ?? usual;
  const changed = typedText !== null;
  const id = useId();
  const [, again] = useReducer((count: number) => count + 1, 0);
  const found = typed(text, kind);
  const say = (next: string): void => {
    onType(name, next);
    // At once: the next frame may come after the next key.
    again();
  };
  // A default that is an expression stands for itself; only what was typed can be wrong.
  const needs = 'needs' in found && text !== usual ? found.needs : null;
  const told = [needs && `${id}-needs`, help && `${id}-help`].filter(Boolean).join(' ');
  const common = {
    id,
    disabled,
    'aria-describedby': told || undefined,
    'aria-invalid': needs ? true : undefined
  };
  return (
    <>
      <label htmlFor={id} title={name}>
        {name}
      </label>
      {kind === 'bool' ? (
        <span className="jp-MlopsForm-check">
          <input
            {...common}
            type="checkbox"
            checked={/^true$/i.test(text)}
            onChange={event => say(event.target.checked ? 'True' : 'False')}
          />
          <span className="jp-MlopsForm-type">{typeWords(parameter, changed, trans)}</span>
        </span>
      ) : (
        <span className={changed ? 'jp-MlopsInput jp-mod-changed' : 'jp-MlopsInput'}>
          <input
            {...common}
            type="text"
            inputMode={kind === 'int' || kind === 'float' ? 'decimal' : undefined}
            spellCheck={false}
            autoComplete="off"
            value={text}
            onChange={event => say(event.target.value)}
          />
          <span className="jp-MlopsForm-type">{typeWords(parameter, changed, trans)}</span>
        </span>
      )}
      {needs && (
        <span className="jp-MlopsForm-needs" id={`${id}-needs`}>
          <Failed /> {needWords(needs, trans)}
        </span>
      )}
      {help && (
        <span className="jp-MlopsForm-help" id={`${id}-help`}>
          {help}
        </span>
      )}
    </>
  );
}

function typeWords(parameter: Parameter, changed: boolean, trans: TranslationBundle): string {
  const kind = kindOf(parameter);
  const type = kind === 'other' ? (parameter.kind ?? '') : kind;
  const was = changed ? trans.__('was %1', shown(parameter)) : '';
  return [type, was].filter(Boolean).join(' · ');
}

function needWords(needs: 'whole' | 'number' | 'json', trans: TranslationBundle): string {
  switch (needs) {
    case 'whole':
      return trans.__('Needs a whole number');
    case 'number':
      return trans.__('Needs a number');
    case 'json':
      return trans.__('Needs a literal, as in [1, 2] or "text"');
  }
}
