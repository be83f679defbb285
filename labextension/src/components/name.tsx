import type { ReactElement } from 'react';

/** Characters at the end of a name that stay when its middle has to go. */
const END = 6;

/** A name whose middle gives way where it is too long, because ends differ. */
export function Name({ name, className }: { name: string; className?: string }): ReactElement {
  const cut = name.length > 2 * END ? name.length - END : name.length;
  return (
    <span className={className ? `jp-MlopsName ${className}` : 'jp-MlopsName'} title={name}>
      {cut === name.length ? (
        <span>{name}</span>
      ) : (
        <>
          <span aria-hidden="true" data-shown={name.slice(0, cut)} />
          <span aria-hidden="true" data-shown={name.slice(cut)} />
          {/* What is read, selected and copied: one word, beneath the two that are seen. */}
          <span>{name}</span>
        </>
      )}
    </span>
  );
}
