import { Component, type Context, type Replaceable, type System } from '@jbstore/core';

class Counting extends Component implements Replaceable<number> {
  handOver(): number {
    return 1;
  }
}
class Next extends Component {
  constructor(
    context: Context,
    readonly from: number,
  ) {
    super(context);
  }
}
class Silent extends Component {}

declare const system: System;
declare const counting: Counting;
declare const silent: Silent;

void system.replace(counting, Next, [1]);
void system.replace(counting, Next, (state) => [state + 1]);
void system.replace(counting, Next, [1], ({ from }) => void from.toFixed());
void system.replace(silent, Silent, []);
void system.replace(silent, Next, () => [1]);

// @ts-expect-error the successor is made with a number
void system.replace(counting, Next, ['one']);

// @ts-expect-error what the successor is made with is missing
void system.replace(counting, Next, []);

// @ts-expect-error the state that is handed over is a number
void system.replace(counting, Next, (state: string) => [state.length]);

// @ts-expect-error the old one hands nothing over
void system.replace(silent, Next, (state: number) => [state]);

// @ts-expect-error the function says what the successor is made with
void system.replace(counting, Next, (state) => [String(state)]);

// @ts-expect-error a component is replaced by a component
void system.replace(counting, Date, []);
