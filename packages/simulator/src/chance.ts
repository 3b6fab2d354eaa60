import { Random } from '@jbstore/core';

const { imul } = Math;

/** The stream of chance for one `purpose` of the run with this seed; none moves another. */
export function streamOf(seed: string, ...purpose: readonly (string | number)[]): Random {
  return new Random(JSON.stringify([seed, ...purpose]));
}

/** 32 bits that stand for `text`, well mixed. */
export function bitsOf(text: string): number {
  let bits = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    bits = imul(bits ^ text.charCodeAt(index), 0x01000193);
  }
  return mixed(bits);
}

/** Spreads 32 bits (the finalizer of MurmurHash3, Appleby 2011). */
function mixed(value: number): number {
  let bits = value;
  bits = imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/**
 * A number in [0, 1) for the draw `which` about the item `number` of the row `key`. It follows from
 * these three alone, so that one item less in a row moves no draw in any other.
 */
export function drawn(key: number, number: number, which: number): number {
  return mixed(mixed(key ^ imul(number + 1, 0x9e3779b1)) + imul(which + 1, 0x7feb352d)) / 2 ** 32;
}
