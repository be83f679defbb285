import { useEffect, useState } from 'react';

/** Milliseconds in which an answer comes as if at once. */
const AT_ONCE = 300;

/** Whether something goes on for so long that it is worth a word: what is short doesn't flash. */
export function useLate(busy: boolean): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!busy) {
      return;
    }
    const timer = setTimeout(() => setLate(true), AT_ONCE);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [busy]);
  return busy && late;
}
