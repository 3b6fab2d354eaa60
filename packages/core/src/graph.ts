import type { Cell } from './cell';
import type { LifeState } from './life';
import { wiring, type PortEnd } from './port-end';

/** The components, ports and channels of a system at one moment; plain data, fit for JSON. */
export interface Graph {
  readonly components: readonly GraphComponent[];
  readonly channels: readonly GraphChannel[];
}

export interface GraphComponent {
  /** `system/parent/child`; the parent's path is what stands before the last stroke. */
  readonly path: string;
  /** The name of its class; `system` at the root, `outside` for the program around it. */
  readonly type: string;
  readonly state: LifeState;
  /** Events that wait now. */
  readonly queuedEvents: number;
  /** Events handled so far. */
  readonly handledEvents: number;
  readonly ports: readonly GraphPort[];
}

export interface GraphPort {
  /** The field that holds it. */
  readonly name: string;
  readonly type: string;
  readonly role: 'provided' | 'required';
}

/** Ends are named `path.field`; the name of one that is unplugged is empty. */
export interface GraphChannel {
  readonly type: string;
  readonly provided: string;
  readonly required: string;
  /** It carries only some of the events. */
  readonly selected?: true;
  /** The events that wait in each direction, while it is held. */
  readonly held?: { readonly requests: number; readonly indications: number };
}

export function graphOf(root: Cell): Graph {
  const cells = [...withDescendants(root)];
  return {
    components: cells.map((cell) => ({
      path: cell.path,
      type: cell === root ? 'system' : cell.type,
      state: cell.state,
      queuedEvents: cell.queuedEvents,
      handledEvents: cell.handledEvents,
      ports: cell.ports.map((port) => graphPort(cell, port)),
    })),
    channels: cells.flatMap((cell) => cell.ports.flatMap(graphChannels)),
  };
}

/** `cell`, and all below it. */
export function* withDescendants(cell: Cell): Iterable<Cell> {
  yield cell;
  for (const child of cell.children) yield* withDescendants(child);
}

function graphPort(cell: Cell, port: PortEnd): GraphPort {
  return { name: cell.nameOf(port), type: port.type.name, role: port.role };
}

/** Each channel once: from its required end, or from the provided one if that is free. */
function graphChannels(port: PortEnd): GraphChannel[] {
  return [...wiring.linksOf(port)].flatMap((link) => {
    const far = link.opposite(port);
    if (port.role === 'provided' && far) return [];
    const ends =
      port.role === 'required'
        ? { provided: far?.name ?? '', required: port.name }
        : { provided: port.name, required: '' };
    const { selected, held } = link;
    const special = { ...(selected && { selected }), ...(held && { held }) };
    return [{ type: port.type.name, ...ends, ...special }];
  });
}
