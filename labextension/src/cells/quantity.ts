const BYTES: Record<string, number> = { '': 1 };
['k', 'm', 'g', 't'].forEach((unit, nth) => {
  BYTES[unit] = 1000 ** (nth + 1);
  BYTES[`${unit}i`] = 1024 ** (nth + 1);
});
const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86400, w: 604800 };

/** A number of cores or GPUs, as in 2, 0.5 and 500m; null where it is none. */
export function count(text: string): number | null {
  const milli = text.endsWith('m');
  const digits = milli ? text.slice(0, -1) : text;
  if (!/^\d+(\.\d*)?$|^\.\d+$/.test(digits)) {
    return null;
  }
  return milli ? Number(digits) / 1000 : Number(digits);
}

/** Bytes, as in 4GB and 4GiB; a bare number hardly ever means bytes, and counts where it may. */
export function size(text: string, bare = false): number | null {
  const found = /^(\d+(?:\.\d+)?)\s*([kmgt]i?)?(b)?$/i.exec(text.trim());
  if (!found || (!bare && !found[2] && !found[3])) {
    return null;
  }
  return Math.floor(Number(found[1]) * (BYTES[(found[2] ?? '').toLowerCase()] ?? 1));
}

/** Seconds, as in 90, 90s, 10m, 1h30m and 1d; a bare number counts where it may. */
export function duration(text: string, bare = true): number | null {
  const said = text.trim().toLowerCase();
  if (bare && /^\d+(\.\d+)?$/.test(said)) {
    return Number(said) || null;
  }
  const part = /(\d+(?:\.\d+)?)\s*([smhdw])/g;
  const parts = [...said.matchAll(part)];
  if (!parts.length || said.replace(part, '').trim()) {
    return null;
  }
  return parts.reduce((all, [, n, unit]) => all + Number(n) * (SECONDS[unit ?? ''] ?? 0), 0) || null;
}

/** How often a step is tried again; null where it is no whole number. */
export function times(text: string): number | null {
  return /^\d{1,6}$/.test(text) ? Number(text) : null;
}
