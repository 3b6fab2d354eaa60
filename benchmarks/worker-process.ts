import { CannotDo } from './harness';

/** What the parent is told when the subject is there, and in answer to each task. */
export type Success<Result> =
  { readonly type: 'begun' } | { readonly type: 'done'; readonly result: Result };

export type Failure =
  | { readonly type: 'cannot'; readonly reason: string }
  | { readonly type: 'failed'; readonly reason: string };

/** @param task - what the parent has given to {@link Worker.do} */
type Perform<Result> = (task: unknown) => Promise<Result>;

/**
 * Does the tasks that the parent sends, alone in this process, until the parent goes.
 * @param begin - makes the subject ready, and returns what does a task
 */
export function serveTasks<Result>(begin: () => Perform<Result> | Promise<Perform<Result>>): void {
  const answer = async (work: () => Promise<Success<Result>>): Promise<void> => {
    process.send?.(await work().catch(failureOf));
  };
  // Whoever interrupts from a terminal interrupts this process too; the parent ends it, and says so.
  process.on('SIGINT', () => undefined);
  process.on('disconnect', () => process.exit());
  void answer(async () => {
    const perform = await begin();
    process.on('message', (task) => {
      void answer(async () => ({ type: 'done', result: await perform(task) }));
    });
    return { type: 'begun' };
  });
}

function failureOf(error: unknown): Failure {
  if (error instanceof CannotDo) return { type: 'cannot', reason: error.message };
  return { type: 'failed', reason: String(error) };
}
