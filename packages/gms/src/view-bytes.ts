import { View } from './view';

/** A view as a value that consensus decides on. */
export function bytesOfView(view: View): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(view));
}

/** It is asked for at each member, by several components. */
let last: { readonly view: View; readonly bytes: Uint8Array } | undefined;

/** @throws if these bytes are no view: only our own code makes them. */
export function viewOf(bytes: Uint8Array): View {
  if (last && Buffer.compare(last.bytes, bytes) === 0) return last.view;
  const view = View.parse(JSON.parse(new TextDecoder().decode(bytes)));
  last = { view, bytes: Uint8Array.from(bytes) };
  return view;
}
