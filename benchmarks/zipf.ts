import { type Draw } from './workload';

/**
 * Draws the key of rank r, of `keys`, with a probability that falls with r to the power of `exponent`: 0.99 is what
 * benchmarks of stores use (Cooper et al., YCSB, 2010).
 */
export function zipf(keys: number, exponent: number): Draw {
  const upTo = new Float64Array(keys);
  let sum = 0;
  for (let rank = 1; rank <= keys; rank += 1) upTo[rank - 1] = sum += rank ** -exponent;
  return (held) => {
    const drawn = Math.random() * (upTo[held - 1] ?? sum);
    let low = 0;
    let high = held - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((upTo[middle] ?? sum) <= drawn) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
