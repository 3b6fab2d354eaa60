import { us } from './selection';

/**
 * The runtimes, and the program of each. A program is alone in its process: what one library does to
 * the globals or to the compiled code of another is nothing that its users see.
 */
export const coreSubjects: Readonly<Record<string, string>> = {
  [us]: 'core-jbstore.ts',
  rxjs: 'core-rxjs.ts',
  EventEmitter: 'core-emitter.ts',
  xstate: 'core-xstate.ts',
  nact: 'core-nact.ts',
  comedy: 'core-comedy.ts',
};
