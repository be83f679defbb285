import type { Cell } from '@jupyterlab/cells';

import type { Shown } from './layout';

interface Anchor {
  head: HTMLElement | null;
  foot: HTMLElement | null;
  turn: HTMLElement | null;
  band: string;
  waits: boolean;
}

/** The places of a notebook's cells where something of ours stands; they go with their cells. */
export class Anchors {
  /** The place above the input, made at its first use. */
  head(cell: Cell): HTMLElement {
    const anchor = this.of(cell);
    const head = (anchor.head ??= element('jp-MlopsHead'));
    if (cell.node.firstElementChild !== head) {
      cell.node.prepend(head);
    }
    if (cell.isPlaceholder() && !anchor.waits) {
      anchor.waits = true;
      // What the cell is drawn with later comes above what it doesn't know of.
      void cell.ready.then(() => anchor.head?.isConnected && cell.node.prepend(anchor.head));
    }
    return head;
  }

  /** The place left of the prompt; null while the cell is not drawn yet. */
  turn(cell: Cell): HTMLElement | null {
    const input = inputOf(cell);
    if (!input) {
      return null;
    }
    const anchor = this.of(cell);
    const turn = (anchor.turn ??= element('jp-MlopsTurn'));
    if (turn.parentElement !== input) {
      // Last, because the cell counts its own parts from the first.
      input.append(turn);
      input.classList.add('jp-mod-mlopsTurn');
    }
    return turn;
  }

  /** The place below the input; null while the cell is not drawn yet. */
  foot(cell: Cell): HTMLElement | null {
    const input = inputOf(cell);
    if (!input) {
      return null;
    }
    const anchor = this.of(cell);
    const foot = (anchor.foot ??= element('jp-MlopsFoot'));
    if (foot.previousSibling !== input) {
      input.after(foot);
    }
    return foot;
  }

  /** Draw the band beside a cell, or none. */
  band(cell: Cell, shown: Shown | null): void {
    const drawn = shown?.band ? shown : null;
    const kinds = drawn ? `${drawn.top ? ' jp-mod-mlopsTop' : ''}${drawn.bottom ? ' jp-mod-mlopsBottom' : ''}` : '';
    const band = drawn ? `${drawn.colour}${kinds}` : '';
    const anchor = this.of(cell);
    if (anchor.band === band && (!drawn || cell.hasClass('jp-MlopsBand'))) {
      return;
    }
    anchor.band = band;
    cell.node.style.setProperty('--jp-mlops-step', drawn?.colour ?? '');
    cell.toggleClass('jp-MlopsBand', drawn !== null);
    cell.toggleClass('jp-mod-mlopsTop', drawn?.top ?? false);
    cell.toggleClass('jp-mod-mlopsBottom', drawn?.bottom ?? false);
  }

  /** Take away what is not wanted at a cell any more. */
  clear(cell: Cell, wanted: { head: boolean; foot: boolean; turn: boolean }): void {
    const anchor = this.anchors.get(cell);
    if (!wanted.head) {
      anchor?.head?.remove();
    }
    if (!wanted.foot) {
      anchor?.foot?.remove();
    }
    if (!wanted.turn) {
      anchor?.turn?.remove();
    }
  }

  private of(cell: Cell): Anchor {
    let anchor = this.anchors.get(cell);
    if (!anchor) {
      anchor = { head: null, foot: null, turn: null, band: '', waits: false };
      this.anchors.set(cell, anchor);
    }
    return anchor;
  }

  private readonly anchors = new WeakMap<Cell, Anchor>();
}

function inputOf(cell: Cell): Element | null {
  return cell.node.querySelector(':scope > .jp-Cell-inputWrapper');
}

function element(name: string): HTMLElement {
  const made = document.createElement('div');
  made.className = name;
  return made;
}
