import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { type ReactElement, useEffect, useState } from 'react';

import { Close } from '../components/glyphs';
import type { Proposals } from './suggestion';
import { isName } from './tags';

export interface ProposalProps {
  /** The id of the first cell. */
  cell: string;
  panel: NotebookPanel;
  proposals: Proposals;
  trans: TranslationBundle;
}

/** A step that is proposed: its name can be changed, and it can go. */
export function Proposal({ cell, panel, proposals, trans }: ProposalProps): ReactElement | null {
  const one = proposals.of(panel)?.find(({ cells }) => cells[0] === cell);
  const name = one?.name ?? '';
  const [text, setText] = useState(name);
  useEffect(() => setText(name), [name]);
  if (!one) {
    return null;
  }
  const wrong = name !== '' && !isName(text);
  const take = (): void => {
    if (!wrong && text !== name) {
      proposals.rename(panel, cell, text);
    }
  };
  return (
    <span className="jp-MlopsChip jp-mod-proposed" data-lm-suppress-shortcuts>
      {name ? (
        <>
          <span className="jp-MlopsChip-dot" />
          <input
            aria-label={trans.__('Name')}
            aria-invalid={wrong || undefined}
            value={text}
            size={Math.max(text.length, 4)}
            spellCheck={false}
            onChange={event => setText(event.target.value)}
            onBlur={take}
            onKeyDown={event => event.key === 'Enter' && take()}
          />
        </>
      ) : (
        <span>{one.tag}</span>
      )}
      <button
        type="button"
        className="jp-MlopsIconButton"
        title={trans.__('Not this one: its cells join what stands above')}
        aria-label={trans.__('Not %1', name || one.tag)}
        onClick={() => proposals.drop(panel, cell)}
      >
        <Close />
      </button>
    </span>
  );
}
