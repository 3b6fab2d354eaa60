export { Conduct, type SlotFacts } from './conduct';
export { Violation, keyOf, type Asked, type Sent } from './lineage';
export { Lineages } from './lineages';
