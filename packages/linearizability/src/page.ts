import type { Explanation } from './explain';
import type { Interval } from './operation';
import { escapeMarkup, timelineSvg } from './timeline';

export interface PageOptions<O> {
  /** Of what the history is, such as the name of its file. */
  readonly title: string;
  /** The name of the model. */
  readonly model: string;
  readonly describe: (operation: O) => string;
}

/** As many operations before the one that cannot be placed are shown of the whole history. */
const shownOfPrefix = 60;

/** A page of HTML, of which nothing is elsewhere, that shows why a history is not linearizable. */
export function explanationPage<O extends Interval>(
  explanation: Explanation<O>,
  { title, model, describe }: PageOptions<O>,
): string {
  const { part, unplaced, smallest, isSmallest, order, prefix } = explanation;
  const ofPart = part === '' ? '' : `, of ${part}`;
  const before = prefix.slice(-shownOfPrefix).filter((operation) => !isSame(operation, unplaced));
  const paragraph = (text: string): string => `<p>${escapeMarkup(text)}</p>`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${escapeMarkup(title)}: not linearizable</title>
<style>
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color: #111827; background: #ffffff; }
  p { max-width: 48rem; }
  figure { margin: 0; overflow-x: auto; }
</style>
<h1>${escapeMarkup(title)}: not linearizable</h1>
${paragraph(`By the model ${model}${ofPart}. The first operation that cannot be placed is ${describe(unplaced)}, of client ${unplaced.client}, called at ${unplaced.call} and returned at ${String(unplaced.return)}.`)}
<h2>A smallest part that fails</h2>
${paragraph(
  isSmallest
    ? 'If the outcome of any one of these operations were unknown, it would no longer fail; and it fails whenever all others take effect, or if they never do.'
    : 'It may be larger than it need be: there was no time to look for less.',
)}
${paragraph('The numbers are an order in which the others could take effect. What is dashed may take effect at any time after its call, or never.')}
<figure>${timelineSvg(smallest, { describe, unplaced, order })}</figure>
<h2>What came before</h2>
${paragraph(`The history is linearizable up to ${prefix.length} operations; the last ${before.length} of them, and the one that cannot be placed:`)}
<figure>${timelineSvg([...before, unplaced], { describe, unplaced })}</figure>
</html>
`;
}

/** The prefix has the operation as it was before it returned. */
function isSame(operation: Interval, other: Interval): boolean {
  return operation.client === other.client && operation.call === other.call;
}
