import type { TranslationBundle } from '@jupyterlab/translation';
import { type ReactElement, type ReactNode, useEffect, useRef } from 'react';

import { plain as bare } from '../models/ansi';

/** A list of words and what they stand for. */
export function Facts({ facts }: { facts: readonly (readonly [string, ReactNode])[] }): ReactElement {
  return (
    <dl className="jp-MlopsFacts">
      {facts.map(([word, value]) => (
        <div key={word}>
          <dt>{word}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Names as code, the first few of them. */
export function Names({ names, trans }: { names: readonly string[]; trans: TranslationBundle }): ReactElement {
  const few = names.slice(0, names.length > 5 ? 4 : 5);
  const rest = names.length - few.length;
  return (
    <span title={names.join(', ')}>
      <code>{few.join(', ')}</code>
      {rest > 0 && ` ${trans.__('and %1 more', rest)}`}
    </span>
  );
}

/** The end of what a step prints, as text; it goes along unless the reader scrolled up. */
export function Log({ text, label }: { text: string; label: string }): ReactElement {
  const box = useRef<HTMLPreElement>(null);
  const follows = useRef(true);
  useEffect(() => {
    if (box.current && follows.current) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  }, [text]);
  return (
    <pre
      className="jp-MlopsLog"
      ref={box}
      tabIndex={0}
      aria-label={label}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        follows.current = scrollHeight - scrollTop - clientHeight < 8;
      }}
    >
      {plain(text)}
    </pre>
  );
}

/** Text without terminal colours and links, and lines as a terminal leaves them after returns. */
export function plain(text: string): string {
  return bare(text).replace(/\r\n/g, '\n').replace(/^.*\r(?!$)/gm, '');
}
