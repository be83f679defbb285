import type { TranslationBundle } from '@jupyterlab/translation';

import type { Reason } from '../tokens';

/** A length of time that is over: 0.3 s, 27.4 s, 66 s, 4 min, 1 h 20 min. */
export function took(seconds: number, trans: TranslationBundle): string {
  if (seconds < 59.95) {
    return trans.__('%1 s', seconds < 0.05 ? '0.0' : seconds.toFixed(1));
  }
  if (seconds < 100) {
    return trans.__('%1 s', Math.round(seconds));
  }
  const minutes = Math.round(seconds / 60);
  return minutes < 60
    ? trans.__('%1 min', minutes)
    : trans.__('%1 h %2 min', Math.floor(minutes / 60), minutes % 60);
}

/** A clock that ticks: 0:18, 1:06, 1:02:09. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n: number) => `${n}`.padStart(2, '0');
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** The time of day, with the date where it isn't today's; `at` in seconds since 1970. */
export function when(at: number, now: number, locale?: string): string {
  const then = new Date(at * 1000);
  const today = new Date(now).toDateString() === then.toDateString();
  const time = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  return then.toLocaleString(locale, today ? time : { ...time, month: 'short', day: 'numeric' });
}

/** Why a step runs, in two or three words; the whole reason stands in Explain. */
export function cause(reason: Reason | undefined, trans: TranslationBundle): string {
  switch (reason?.kind) {
    case 'code':
      return trans.__('code changed');
    case 'value':
      return trans.__('%1 changed', reason.what);
    case 'parameter':
      return trans.__('parameter changed');
    case 'file':
      return trans.__('file changed');
    case 'setting':
      return trans.__('setting changed');
    case 'package':
      return trans.__('%1 changed', reason.what);
    case 'python':
      return trans.__('Python changed');
    case 'new':
      return trans.__('not run yet');
    case 'no-cache':
    case 'policy':
      return trans.__('not cached');
    case 'forced':
      return trans.__('to run again');
    case 'outside':
      return trans.__('reads from outside');
    case 'lost':
      return trans.__('result lost');
    default:
      return trans.__('to run');
  }
}

/** Several things in one sentence: a, b and c. */
export function listed(things: readonly string[], trans: TranslationBundle): string {
  const last = things.at(-1) ?? '';
  const head = things.slice(0, -1).join(', ');
  return head ? head + trans.__(' and ') + last : last;
}

/** A long name with its middle left out, because ends differ. */
export function middle(name: string, most: number): string {
  if (name.length <= most) {
    return name;
  }
  const head = Math.ceil((most - 1) * 0.6);
  return `${name.slice(0, head)}…${name.slice(name.length - (most - 1 - head))}`;
}
