import type { ReactElement, ReactNode } from 'react';

import { Failed, Warning } from './glyphs';

export interface NoticeProps {
  /** An error stops something, a warning does not. */
  warning?: boolean;
  children: ReactNode;
  /** Buttons that lead out. */
  acts?: ReactNode;
}

/** What is wrong, where, and the way out. */
export function Notice({ warning, children, acts }: NoticeProps): ReactElement {
  return (
    <div className="jp-MlopsNotice">
      {warning ? <Warning /> : <Failed />}
      <div className="jp-MlopsNotice-text">
        {children}
        {acts && <div className="jp-MlopsNotice-acts">{acts}</div>}
      </div>
    </div>
  );
}
