import type { TranslationBundle } from '@jupyterlab/translation';
import { memo, type ReactElement, useEffect, useMemo, useRef, useState } from 'react';

import { type Line, lines, textOf } from '../models/ansi';
import { Button } from './button';
import { SearchField } from './searchfield';

/** Lines in the page at once; more are a button away. */
const MOST = 2000;
/** Lines that are drawn together: only the last lot changes while output comes. */
const LOT = 100;

export interface OutputProps {
  text: string;
  label: string;
  trans: TranslationBundle;
}

/** What a step printed, in its colours, as text; it goes along unless the reader scrolled up. */
export function Output({ text, label, trans }: OutputProps): ReactElement {
  const [most, setMost] = useState(MOST);
  const found = useMemo(() => lines(text, most), [text, most]);
  const [query, setQuery] = useState('');
  const [hit, setHit] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const hits = useMemo(() => places(found.lines, query), [found, query]);
  const at = hits.length ? hits[((hit % hits.length) + hits.length) % hits.length] : undefined;
  useEffect(() => {
    if (box.current && follows.current && !query) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  }, [found, query]);
  useEffect(() => {
    if (at !== undefined) {
      box.current?.querySelector('.jp-mod-current')?.scrollIntoView?.({ block: 'center' });
    }
  }, [at, query]);
  const count = query
    ? hits.length
      ? trans.__('%1 of %2', hits.indexOf(at ?? 0) + 1, hits.length)
      : trans.__('no match')
    : '';
  return (
    <>
      <div className="jp-MlopsOutput-find">
        <span className="jp-MlopsMuted jp-MlopsNumber" role="status">
          {count}
        </span>
        <SearchField
          label={trans.__('Find in output')}
          value={query}
          onChange={value => {
            setQuery(value);
            setHit(0);
          }}
          onEnter={back => setHit(now => now + (back ? -1 : 1))}
        />
      </div>
      <div
        className="jp-MlopsOutput jp-RenderedText"
        ref={box}
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={label}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          follows.current = scrollHeight - scrollTop - clientHeight < 8;
        }}
      >
        {found.above > 0 && (
          <Button bare onClick={() => setMost(most + MOST)}>
            {trans._n('Show more: %1 line above', 'Show more: %1 lines above', found.above)}
          </Button>
        )}
        <pre>
          {lots(found.lines).map((lot, nth) => (
            <Lot
              key={Math.floor(found.above / LOT) + nth}
              lines={lot}
              query={query}
              current={at === undefined ? -1 : at - nth * LOT}
            />
          ))}
        </pre>
      </div>
    </>
  );
}

interface LotProps {
  lines: readonly Line[];
  query: string;
  /** Which of its lines is the one that was jumped to. */
  current: number;
}

const Lot = memo(
  function Lot({ lines: own, query, current }: LotProps): ReactElement {
    return (
      <>
        {own.map((line, at) => (
          <div key={at} className={at === current ? 'jp-mod-current' : undefined}>
            {query && textOf(line).toLowerCase().includes(query.toLowerCase())
              ? marked(textOf(line), query)
              : line.map((piece, nth) =>
                  piece.look ? (
                    <span key={nth} className={piece.look}>
                      {piece.text}
                    </span>
                  ) : (
                    piece.text
                  )
                )}
            {'\n'}
          </div>
        ))}
      </>
    );
  },
  (before, now) =>
    before.query === now.query &&
    (before.current === now.current || (outside(before.current) && outside(now.current))) &&
    before.lines.length === now.lines.length &&
    before.lines.every((line, at) => same(line, now.lines[at] ?? []))
);

const outside = (at: number): boolean => at < 0 || at >= LOT;

function same(a: Line, b: Line): boolean {
  return (
    a.length === b.length &&
    a.every((piece, at) => piece.text === b[at]?.text && piece.look === b[at]?.look)
  );
}

function lots(all: readonly Line[]): Line[][] {
  const count = Math.ceil(all.length / LOT);
  return Array.from({ length: count }, (_, at) => all.slice(at * LOT, (at + 1) * LOT));
}

function places(all: readonly Line[], query: string): number[] {
  const wanted = query.toLowerCase();
  return wanted
    ? all.flatMap((line, at) => (textOf(line).toLowerCase().includes(wanted) ? [at] : []))
    : [];
}

/** The text with what was looked for marked; its colours rest meanwhile. */
function marked(text: string, query: string): (string | ReactElement)[] {
  const found: (string | ReactElement)[] = [];
  const [low, wanted] = [text.toLowerCase(), query.toLowerCase()];
  let at = 0;
  for (let next = low.indexOf(wanted); next >= 0; next = low.indexOf(wanted, at)) {
    found.push(
      text.slice(at, next),
      <mark key={next}>{text.slice(next, next + query.length)}</mark>
    );
    at = next + query.length;
  }
  return [...found, text.slice(at)];
}
