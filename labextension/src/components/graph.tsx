import type { TranslationBundle } from '@jupyterlab/translation';
import { type KeyboardEvent, type ReactElement, useLayoutEffect, useMemo, useRef } from 'react';

import { layers, type Pair, type Placed } from '../models/layers';
import { middle } from '../models/words';
import type { StepState } from '../tokens';
import { StateIcon } from './state';

const BOX = 28;
const DOWN = 40;
const GAP = 36;
const EDGE = 2;
/** Characters of a name that are shown; pixels of one of them, in the widest font. */
const MOST = 22;
const LETTER = 7.8;

export interface GraphProps {
  names: readonly string[];
  pairs: readonly Pair[];
  selected: string | null;
  trans: TranslationBundle;
  stateOf: (step: string) => StepState;
  colourOf: (step: string) => string;
  onSelect: (step: string) => void;
  onOpen: (step: string) => void;
}

/** The steps from left to right, each behind what it waits for; arrow keys go along the lines. */
export function Graph(props: GraphProps): ReactElement {
  const { names, pairs, selected, trans, onSelect } = props;
  const said = names.join('\n');
  const found = useMemo(() => picture(said.split('\n'), pairs), [said, pairs]);
  const box = useRef<HTMLDivElement>(null);
  // What is chosen comes into view sideways; the page stays where it is.
  useLayoutEffect(() => {
    const node = found.nodes.find(one => one.name === selected);
    const view = box.current;
    if (node && view) {
      const most = node.x - EDGE;
      const least = node.x + node.width + EDGE - view.clientWidth;
      view.scrollLeft = Math.min(most, Math.max(least, view.scrollLeft));
    }
  }, [found, selected]);
  const stop = selected !== null && names.includes(selected) ? selected : names[0];
  const go = (name: string | undefined): void => {
    if (name !== undefined) {
      onSelect(name);
      box.current?.querySelector<HTMLElement>(`[data-step="${CSS.escape(name)}"]`)?.focus();
    }
  };
  const lit = litFrom(selected, found.lines);
  return (
    <div className="jp-MlopsGraph" ref={box}>
      <div
        role="tree"
        aria-label={trans.__('Graph')}
        style={{ width: found.width, height: found.height }}
        onKeyDown={event => onKey(event, stop ?? '', found, go, props.onOpen)}
      >
        <svg width={found.width} height={found.height} aria-hidden="true">
          {found.lines.map(line => (
            <path
              key={`${line.from}\n${line.to}`}
              className={lit.has(line) ? 'jp-mod-lit' : undefined}
              d={line.path}
            />
          ))}
        </svg>
        {found.nodes.map(node => (
          <Node
            key={node.name}
            {...props}
            node={node}
            chosen={node.name === selected}
            stop={node.name === stop}
            after={found.lines.filter(line => line.to === node.name).map(line => line.from)}
          />
        ))}
      </div>
    </div>
  );
}

interface NodeProps extends GraphProps {
  node: Box;
  chosen: boolean;
  stop: boolean;
  after: readonly string[];
}

function Node({
  node,
  chosen,
  stop,
  after,
  trans,
  stateOf,
  colourOf,
  onSelect,
  onOpen
}: NodeProps): ReactElement {
  const { name, x, y, width, layer } = node;
  const state = stateOf(name);
  const dim = state.kind === 'waiting' || state.kind === 'skipped';
  const follows = after.length ? trans.__('after %1', after.join(', ')) : '';
  const kinds = ['jp-MlopsGraph-node', chosen && 'jp-mod-selected', dim && 'jp-mod-dim'];
  const style = {
    left: x,
    top: y,
    width,
    '--jp-mlops-step': colourOf(name)
  } as React.CSSProperties;
  return (
    <div
      role="treeitem"
      aria-selected={chosen}
      aria-level={layer + 1}
      aria-label={[name, state.words, follows].filter(Boolean).join(', ')}
      title={`${name} · ${state.words}`}
      tabIndex={stop ? 0 : -1}
      data-step={name}
      className={kinds.filter(Boolean).join(' ')}
      style={style}
      onClick={() => onSelect(name)}
      onDoubleClick={() => onOpen(name)}
    >
      <span>{middle(name, MOST)}</span>
      <StateIcon state={state} />
    </div>
  );
}

interface Box extends Placed {
  x: number;
  y: number;
  width: number;
}

interface Wire {
  from: string;
  to: string;
  path: string;
}

interface Picture {
  nodes: Box[];
  lines: Wire[];
  width: number;
  height: number;
}

function picture(names: readonly string[], pairs: readonly Pair[]): Picture {
  const { nodes, lines, sizes } = layers(names, pairs);
  const wide = (name: string): number => Math.max(84, Math.min(name.length, MOST) * LETTER + 44);
  const widths = sizes.map((_, at) =>
    Math.max(0, ...nodes.filter(node => node.layer === at).map(node => wide(node.name)))
  );
  const lefts = widths.map(
    (_, at) => EDGE + widths.slice(0, at).reduce((sum, one) => sum + one + GAP, 0)
  );
  const tallest = Math.max(1, ...sizes);
  const place = (one: Placed): Box => ({
    ...one,
    x: lefts[one.layer] ?? 0,
    y: EDGE + (one.place + (tallest - (sizes[one.layer] ?? 0)) / 2) * DOWN,
    width: widths[one.layer] ?? 0
  });
  const wires = lines.map(({ from, to, through }) => ({
    from,
    to,
    path: wire(through.map(place))
  }));
  const width = (lefts.at(-1) ?? 0) + (widths.at(-1) ?? 0) + EDGE;
  return {
    nodes: nodes.map(place),
    lines: wires,
    width,
    height: tallest * DOWN - DOWN + BOX + 2 * EDGE
  };
}

/** Out of the right side of the first box, straight through bends, into the left of the last. */
function wire(boxes: readonly Box[]): string {
  let d = '';
  boxes.forEach((box, at) => {
    const y = box.y + BOX / 2;
    const [left, right] = [box.x, box.x + box.width];
    if (at > 0) {
      const before = boxes[at - 1];
      const [x, from] = [(before?.x ?? 0) + (before?.width ?? 0), (before?.y ?? 0) + BOX / 2];
      const half = (x + left) / 2;
      d += from === y ? `L${left} ${y}` : `C${half} ${from} ${half} ${y} ${left} ${y}`;
    }
    d += at === 0 ? `M${right} ${y}` : at < boxes.length - 1 ? `L${right} ${y}` : '';
  });
  return d;
}

/** The lines on the ways that lead to a step. */
function litFrom(selected: string | null, lines: readonly Wire[]): ReadonlySet<Wire> {
  const lit = new Set<Wire>();
  const open = selected === null ? [] : [selected];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    for (const line of lines) {
      if (line.to === name && !lit.has(line)) {
        lit.add(line);
        open.push(line.from);
      }
    }
  }
  return lit;
}

function onKey(
  event: KeyboardEvent,
  at: string,
  { nodes, lines }: Picture,
  go: (name: string | undefined) => void,
  open: (name: string) => void
): void {
  const own = nodes.find(node => node.name === at);
  const column = nodes.filter(node => node.layer === own?.layer).sort((a, b) => a.y - b.y);
  const place = column.findIndex(node => node.name === at);
  const keys: Record<string, () => void> = {
    ArrowLeft: () => go(lines.find(line => line.to === at)?.from),
    ArrowRight: () => go(lines.find(line => line.from === at)?.to),
    ArrowUp: () => go(column[place - 1]?.name),
    ArrowDown: () => go(column[place + 1]?.name),
    Home: () => go(nodes[0]?.name),
    End: () => go(nodes.at(-1)?.name),
    Enter: () => open(at),
    ' ': () => go(at)
  };
  const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
  if (act) {
    event.preventDefault();
    event.stopPropagation();
    act();
  }
}
