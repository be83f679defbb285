/** A row of two versions of some code, beside each other; null where one has no such line. */
export interface CodeRow {
  a: string | null;
  b: string | null;
  kind: 'same' | 'changed' | 'gap';
}

/** The rows of a unified diff; between its parts stands a gap. */
export function sideBySide(diff: string): CodeRow[] {
  const rows: CodeRow[] = [];
  let [gone, come]: [string[], string[]] = [[], []];
  const flush = (): void => {
    for (let at = 0; at < Math.max(gone.length, come.length); at++) {
      rows.push({ a: gone[at] ?? null, b: come[at] ?? null, kind: 'changed' });
    }
    [gone, come] = [[], []];
  };
  const body = diff ? diff.split('\n') : [];
  const first = body.findIndex(line => line.startsWith('@@'));
  for (const line of body.slice(Math.max(first, 0))) {
    if (line.startsWith('@@')) {
      flush();
      if (rows.length) {
        rows.push({ a: null, b: null, kind: 'gap' });
      }
    } else if (line.startsWith('-')) {
      gone.push(line.slice(1));
    } else if (line.startsWith('+')) {
      come.push(line.slice(1));
    } else {
      flush();
      rows.push({ a: line.slice(1), b: line.slice(1), kind: 'same' });
    }
  }
  flush();
  return rows;
}

/** What both lines begin and end with, as numbers of characters: between them they differ. */
export function shared(a: string, b: string): [begin: number, end: number] {
  const least = Math.min(a.length, b.length);
  let begin = 0;
  while (begin < least && a[begin] === b[begin]) {
    begin++;
  }
  let end = 0;
  while (end < least - begin && a[a.length - 1 - end] === b[b.length - 1 - end]) {
    end++;
  }
  return [begin, end];
}
