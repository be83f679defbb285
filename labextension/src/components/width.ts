import { type RefObject, useLayoutEffect, useState } from 'react';

/** How wide an element is, told again when that changes. */
export function useWidth(element: RefObject<HTMLElement>, first = 800): number {
  const [width, setWidth] = useState(first);
  useLayoutEffect(() => {
    const node = element.current;
    if (!node || typeof ResizeObserver === 'undefined') {
      return undefined;
    }
    setWidth(node.clientWidth || first);
    const observer = new ResizeObserver(() => node.clientWidth && setWidth(node.clientWidth));
    observer.observe(node);
    return () => observer.disconnect();
  }, [element, first]);
  return width;
}
