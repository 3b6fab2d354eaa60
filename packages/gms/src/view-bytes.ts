import { View } from './view';

/** A view as a value that consensus decides on. */
export function bytesOfView(view: View): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(view));
}

/** @throws if these bytes are no view: only our own code makes them. */
export function viewOf(bytes: Uint8Array): View {
  return View.parse(JSON.parse(new TextDecoder().decode(bytes)));
}
