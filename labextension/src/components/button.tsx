import type { ReactElement, ReactNode } from 'react';

export interface ButtonProps {
  children: ReactNode;
  icon?: ReactNode;
  /** The next sensible act: filled, and one at most on a surface. */
  primary?: boolean;
  /** No ground: a link that does something. */
  bare?: boolean;
  /** No ground until it is pointed at, as in a toolbar. */
  quiet?: boolean;
  disabled?: boolean;
  /** What it does, where the label leaves that open. */
  title?: string | undefined;
  /** Where there is little room the icon alone is shown. */
  shrinks?: boolean;
  onClick: () => void;
}

/** A button of 24 pixels: icon and words. */
export function Button(props: ButtonProps): ReactElement {
  const { children, icon, primary, bare, quiet, disabled, title, shrinks, onClick } = props;
  const kinds = [
    'jp-MlopsButton',
    primary && 'jp-mod-primary',
    bare && 'jp-mod-bare',
    quiet && 'jp-mod-quiet',
    shrinks && 'jp-mod-shrinks'
  ];
  const name = typeof children === 'string' ? children : undefined;
  return (
    <button
      type="button"
      className={kinds.filter(Boolean).join(' ')}
      disabled={disabled}
      title={title ?? (shrinks ? name : undefined)}
      onClick={onClick}
    >
      {icon}
      <span>{children}</span>
    </button>
  );
}
