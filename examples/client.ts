/**
 * A program that uses a cluster: `ts-node examples/client.ts 127.0.0.1:7100`. It needs nothing of a
 * browser, and only one package.
 */
import { OutcomeUnknownError, UnavailableError, connect } from '@jbstore/client';

async function main(addresses: readonly string[]): Promise<void> {
  await using store = await connect(addresses, { timeoutMs: 2_000 });
  store.events.subscribe((event) => {
    if (event.type === 'disconnected') console.log(`lost ${event.node}: ${event.reason}`);
  });

  // Many requests in flight on one connection per node.
  const squares = Array.from({ length: 100 }, (_, number) => number);
  await Promise.all(
    squares.map((number) => store.put(`square of ${String(number)}`, String(number * number))),
  );
  console.log('12 squared is', await store.getText('square of 12'));

  let keys = 0;
  for await (const key of store.keys()) keys += key.startsWith('square of') ? 1 : 0;
  console.log(keys, 'squares are stored');

  try {
    await store.get('square of 7', { signal: AbortSignal.abort(new Error('no longer wanted')) });
  } catch (error) {
    console.log('aborted:', error instanceof Error ? error.message : error);
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  if (error instanceof UnavailableError) console.error('surely not performed:', error.message);
  else if (error instanceof OutcomeUnknownError) console.error('read it again:', error.message);
  else console.error(error);
  process.exitCode = 1;
});
