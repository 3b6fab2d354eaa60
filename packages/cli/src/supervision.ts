/** What a node tells the process that started it, over the channel that Node.js opens between the two. */
export type Report =
  | { readonly type: 'listening'; readonly address: string; readonly metrics?: string }
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly message: string; readonly exitCode: number };

export function isReport(message: unknown): message is Report {
  if (typeof message !== 'object' || message === null || !('type' in message)) return false;
  return message.type === 'listening' || message.type === 'ready' || message.type === 'failed';
}

/** True if another process started this one to watch over it. */
export function isSupervised(): boolean {
  return process.send !== undefined;
}

/** Tells the watching process, if there is one and it still listens. */
export function report(content: Report): void {
  if (process.connected) process.send?.(content, undefined, undefined, () => undefined);
}

/** Calls `leave` when the watching process is gone, however it went: the channel closes with it. */
export function onOrphaned(leave: () => void): void {
  if (!isSupervised()) return;
  if (process.connected) process.once('disconnect', leave);
  else leave();
}
