import { useEffect, useState } from 'react';

/** The time in milliseconds, told once a second while something goes on. */
export function useNow(goes: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!goes) {
      return undefined;
    }
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [goes]);
  return now;
}
