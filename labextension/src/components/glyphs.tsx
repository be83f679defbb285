import type { ReactElement, ReactNode } from 'react';

/** Icons of 16 pixels in the colour of the text around them; a word always stands beside. */
export function Glyph({
  children,
  className
}: {
  children: ReactNode;
  className?: string;
}): ReactElement {
  return (
    <svg
      className={className ? `jp-MlopsGlyph ${className}` : 'jp-MlopsGlyph'}
      width="16"
      height="16"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

const solid = { fill: 'currentColor', stroke: 'none' };
const Ring = (): ReactElement => <circle cx="8" cy="8" r="5.75" />;
const Disc = (): ReactElement => <circle cx="8" cy="8" r="6.5" {...solid} />;
const onDisc = { stroke: 'var(--jp-layout-color1)' };

export const Play = (): ReactElement => (
  <Glyph>
    <path d="M5 3.2v9.6l7.4-4.8z" {...solid} />
  </Glyph>
);

export const Stop = (): ReactElement => (
  <Glyph>
    <rect x="4" y="4" width="8" height="8" {...solid} />
  </Glyph>
);

export const Resume = (): ReactElement => (
  <Glyph>
    <path d="M3.5 3.5v9" />
    <path d="M6.5 3.2v9.6l6.6-4.8z" {...solid} />
  </Glyph>
);

export const Explain = (): ReactElement => (
  <Glyph>
    <path d="M2.5 4h5M2.5 8h5M2.5 12h5M10.5 4h3M10.5 8h3M10.5 12h3" />
  </Glyph>
);

export const Open = (): ReactElement => (
  <Glyph>
    <path d="M7 3.5H3v9.5h9.5V9M9.5 2.8h3.7v3.7M13 3L7.8 8.2" />
  </Glyph>
);

export const Down = (): ReactElement => (
  <Glyph>
    <path d="M4.5 6.5L8 10l3.5-3.5" />
  </Glyph>
);

export const Right = (): ReactElement => (
  <Glyph>
    <path d="M6.5 4.5L10 8l-3.5 3.5" />
  </Glyph>
);

export const Undo = (): ReactElement => (
  <Glyph>
    <path d="M4 6.5h6a3 3 0 0 1 0 6H7M6.5 4L4 6.5 6.5 9" />
  </Glyph>
);

export const More = (): ReactElement => (
  <Glyph>
    <g {...solid}>
      <circle cx="3.5" cy="8" r="1.2" />
      <circle cx="8" cy="8" r="1.2" />
      <circle cx="12.5" cy="8" r="1.2" />
    </g>
  </Glyph>
);

export const Tag = (): ReactElement => (
  <Glyph>
    <path d="M2.5 7.5v-5h5l6 6-5 5z" />
    <path d="M5.2 5.2v.05" strokeWidth="2" />
  </Glyph>
);

export const Close = (): ReactElement => (
  <Glyph>
    <path d="M4.5 4.5l7 7M11.5 4.5l-7 7" />
  </Glyph>
);

export const Again = (): ReactElement => (
  <Glyph>
    <path d="M13 8a5 5 0 1 1-1.6-3.7M13 2.6v2.6h-2.6" />
  </Glyph>
);

export const Warning = (): ReactElement => (
  <Glyph className="jp-MlopsState-problem">
    <path d="M8 2.4L14.2 13H1.8z" />
    <path d="M8 6.5v3M8 11.2v.05" />
  </Glyph>
);

export const Waiting = (): ReactElement => (
  <Glyph className="jp-MlopsState-waiting">
    <circle cx="8" cy="8" r="5.75" strokeDasharray="1.6 2.9" />
  </Glyph>
);

/** A ring that fills; it turns where it isn't known how far it is. */
export function Running({ progress }: { progress?: number | undefined }): ReactElement {
  const whole = 2 * Math.PI * 5.75;
  return (
    <Glyph className="jp-MlopsState-running">
      <circle cx="8" cy="8" r="5.75" stroke="var(--jp-border-color1)" />
      <circle
        className={progress === undefined ? 'jp-MlopsGlyph-turns' : 'jp-MlopsGlyph-fills'}
        cx="8"
        cy="8"
        r="5.75"
        strokeWidth="2.25"
        strokeLinecap="butt"
        strokeDasharray={`${(progress ?? 0.25) * whole} ${whole}`}
        transform="rotate(-90 8 8)"
      />
    </Glyph>
  );
}

export const Cached = (): ReactElement => (
  <Glyph className="jp-MlopsState-cached">
    <Ring />
    <path d="M5.75 6.75h4.5M5.75 9.25h4.5" />
  </Glyph>
);

export const Succeeded = (): ReactElement => (
  <Glyph className="jp-MlopsState-succeeded">
    <Disc />
    <path d="M5.2 8.2l2 2 3.7-4.1" {...onDisc} />
  </Glyph>
);

export const Failed = (): ReactElement => (
  <Glyph className="jp-MlopsState-failed">
    <Disc />
    <path d="M5.9 5.9l4.2 4.2M10.1 5.9l-4.2 4.2" {...onDisc} />
  </Glyph>
);

export const Cancelled = (): ReactElement => (
  <Glyph className="jp-MlopsState-cancelled">
    <Ring />
    <rect x="5.9" y="5.9" width="4.2" height="4.2" {...solid} />
  </Glyph>
);

export const Skipped = (): ReactElement => (
  <Glyph className="jp-MlopsState-skipped">
    <Ring />
    <path d="M5.5 8h5" />
  </Glyph>
);

export const Stale = (): ReactElement => (
  <Glyph className="jp-MlopsState-stale">
    <Ring />
    <path d="M5.75 6.75h4.5M5.75 9.25h4.5M9.4 4.9L6.6 11.1" />
  </Glyph>
);

export const MayRun = (): ReactElement => (
  <Glyph className="jp-MlopsState-may-run">
    <Ring />
    <path d="M6.4 6.6a1.65 1.65 0 1 1 2.3 1.5c-.5.25-.7.5-.7 1" />
    <path d="M8 11.2v.05" strokeWidth="1.8" />
  </Glyph>
);
