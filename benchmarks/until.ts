const retryMs = 20;

/** Resolves when `holds`, which is asked again and again. @throws if that takes longer than `withinMs` */
export async function until(
  what: string,
  withinMs: number,
  holds: () => Promise<boolean>,
): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
}
