import { type ISignal, Signal } from '@lumino/signaling';

import type { IParameterForm, Parameter } from '../tokens';
import { type Kind, kindOf, shown, typed } from './parameters';

/** What was typed for a parameter, and how it is read. */
export interface Entry {
  text: string;
  kind: Kind;
}

/**
 * What is typed into the parameter form of a notebook; it stays, however often that is drawn.
 *
 * What was typed for a parameter that the notebook has no longer doesn't count, but is there again
 * with the parameter, as when cells are cut and pasted: until the form is reset, a run begins
 * without it, or another notebook is worked at.
 */
export class ParameterForm implements IParameterForm {
  get values(): Readonly<Record<string, unknown>> {
    const read = Object.entries(this.entries).map(([name, { text, kind }]) => {
      return [name, typed(text, kind)] as const;
    });
    return Object.fromEntries(
      read.flatMap(([name, found]) => ('value' in found ? [[name, found.value]] : []))
    );
  }

  get mistyped(): readonly string[] {
    const { values } = this;
    return Object.keys(this.entries).filter(name => !Object.hasOwn(values, name));
  }

  /** What was typed, as far as it counts. */
  get entries(): Readonly<Record<string, Entry>> {
    const { takes } = this;
    const counting = Object.entries(this.said).filter(([name]) => takes?.has(name) ?? true);
    return Object.fromEntries(counting);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  text(name: string): string | null {
    const { entries } = this;
    return Object.hasOwn(entries, name) ? (entries[name]?.text ?? null) : null;
  }

  type(name: string, text: string): void {
    const parameter = this.parameters.find(one => one.name === name);
    const usual = parameter && shown(parameter);
    const others = Object.entries(this.said).filter(([one]) => one !== name);
    const kind = parameter ? kindOf(parameter) : 'other';
    this.set([...others, ...(text === usual ? [] : [[name, { text, kind }] as const])]);
  }

  reset(): void {
    this.set([]);
  }

  /** Nothing is known yet of the notebook's parameters but what was typed before. */
  restore(entries: Readonly<Record<string, Entry>>): void {
    this.parameters = [];
    this.takes = null;
    this.said = entries;
  }

  /** A run has begun with what counts: forget the rest. */
  settle(): void {
    this.said = this.entries;
  }

  /**
   * These are the notebook's parameters now; while it is `broken` there may be more of them, and
   * what was typed for those counts.
   */
  know(parameters: readonly Parameter[], broken: boolean): void {
    this.parameters = parameters;
    const before = this.entries;
    const kinds = new Map(parameters.map(one => [one.name, kindOf(one)]));
    this.takes = broken ? null : new Set(kinds.keys());
    const read = Object.entries(this.said).map(([name, { text, kind }]) => {
      return [name, { text, kind: kinds.get(name) ?? kind }] as const;
    });
    this.said = Object.fromEntries(read);
    const now = Object.entries(this.entries);
    const same = now.every(([name, { kind }]) => before[name]?.kind === kind);
    if (!same || now.length !== Object.keys(before).length) {
      this._changed.emit();
    }
  }

  private set(entries: readonly (readonly [string, Entry])[]): void {
    this.said = Object.fromEntries(entries);
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private said: Readonly<Record<string, Entry>> = {};
  /** The parameters for which what was typed counts; null: all. */
  private takes: ReadonlySet<string> | null = null;
  private parameters: readonly Parameter[] = [];
}
