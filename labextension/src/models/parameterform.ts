import { type ISignal, Signal } from '@lumino/signaling';

import type { IParameterForm, Parameter } from '../tokens';
import { type Kind, kindOf, shown, typed } from './parameters';

/** What was typed for a parameter, and how it is read. */
export interface Entry {
  text: string;
  kind: Kind;
}

/** What is typed into the parameter form of a notebook; it stays, however often that is drawn. */
export class ParameterForm implements IParameterForm {
  get values(): Readonly<Record<string, unknown>> {
    const read = Object.entries(this._entries).map(([name, { text, kind }]) => {
      return [name, typed(text, kind)] as const;
    });
    return Object.fromEntries(
      read.flatMap(([name, found]) => ('value' in found ? [[name, found.value]] : []))
    );
  }

  get mistyped(): readonly string[] {
    const { values } = this;
    return Object.keys(this._entries).filter(name => !Object.hasOwn(values, name));
  }

  get entries(): Readonly<Record<string, Entry>> {
    return this._entries;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  text(name: string): string | null {
    return Object.hasOwn(this._entries, name) ? (this._entries[name]?.text ?? null) : null;
  }

  type(name: string, text: string): void {
    const parameter = this.parameters.find(one => one.name === name);
    const usual = parameter && shown(parameter);
    const others = Object.entries(this._entries).filter(([one]) => one !== name);
    const kind = parameter ? kindOf(parameter) : 'other';
    this.set([...others, ...(text === usual ? [] : [[name, { text, kind }] as const])]);
  }

  reset(): void {
    this.set([]);
  }

  /** Nothing is known yet of the notebook's parameters but what was typed before. */
  restore(entries: Readonly<Record<string, Entry>>): void {
    this.parameters = [];
    this._entries = entries;
  }

  /**
   * These are the notebook's parameters now. What was typed for others goes, unless the notebook
   * is `broken`: then they may only be missing until it is mended.
   */
  know(parameters: readonly Parameter[], broken: boolean): void {
    this.parameters = parameters;
    const kinds = new Map(parameters.map(one => [one.name, kindOf(one)]));
    const known = Object.entries(this._entries).flatMap(([name, entry]) => {
      const kind = kinds.get(name) ?? (broken ? entry.kind : null);
      return kind ? [[name, { text: entry.text, kind }] as const] : [];
    });
    const same = known.every(([name, { kind }]) => this._entries[name]?.kind === kind);
    if (!same || known.length < Object.keys(this._entries).length) {
      this.set(known);
    }
  }

  private set(entries: readonly (readonly [string, Entry])[]): void {
    this._entries = Object.fromEntries(entries);
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private _entries: Readonly<Record<string, Entry>> = {};
  private parameters: readonly Parameter[] = [];
}
