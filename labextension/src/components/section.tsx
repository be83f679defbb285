import { type ReactElement, type ReactNode, useId } from 'react';

import { Down, Right } from './glyphs';

export interface SectionProps {
  title: string;
  /** The title is a name that somebody gave: it keeps its letters. */
  asis?: boolean;
  open: boolean;
  onToggle: (open: boolean) => void;
  /** What stands at the right of the title. */
  aside?: ReactNode;
  children?: ReactNode;
}

/** A part of a side panel that folds. */
export function Section(props: SectionProps): ReactElement {
  const { title, asis, open, onToggle, aside, children } = props;
  const id = useId();
  return (
    <section className="jp-MlopsSection" aria-labelledby={id}>
      <h3 className="jp-MlopsSection-head">
        <button
          type="button"
          className="jp-MlopsSection-toggle"
          aria-expanded={open}
          onClick={() => onToggle(!open)}
        >
          {open ? <Down /> : <Right />}
          <span id={id} className={asis ? 'jp-mod-asis' : undefined} title={title}>
            {title}
          </span>
        </button>
        <span className="jp-MlopsSection-aside">{aside}</span>
      </h3>
      {open && children}
    </section>
  );
}
