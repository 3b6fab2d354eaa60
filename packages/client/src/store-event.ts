import type { View } from '@jbstore/gms/port';
import type { Address } from '@jbstore/network/port';

/** What becomes of the connection with the cluster. */
export type StoreEvent =
  | { readonly type: 'view'; readonly view: View }
  /** An operator has given up what was lost: of what was answered in eras before this one, a part may be gone. */
  | { readonly type: 'era'; readonly era: number; readonly before: number }
  | { readonly type: 'suspicions'; readonly suspected: readonly Address[] }
  | { readonly type: 'connected'; readonly node: Address }
  | { readonly type: 'disconnected'; readonly node: Address; readonly reason: string }
  | { readonly type: 'unreachable'; readonly node: Address; readonly reason: string };
