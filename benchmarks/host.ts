// A module that calls back into the host, and gets and gives function values.

// @ts-ignore: decorator
@external("host", "twice")
declare function twice(value: i32): i32;

// @ts-ignore: decorator
@external("host", "shout")
declare function shout(text: string): string;

export function callHost(times: i32): i32 {
  let sum = 0;
  for (let index = 0; index < times; index++) sum += twice(index);
  return sum;
}

export function shoutOften(times: i32): i32 {
  let length = 0;
  for (let index = 0; index < times; index++) length += shout("hello, wasm!").length;
  return length;
}

export function callBack(times: i32, change: (value: i32) => i32): i32 {
  let sum = 0;
  for (let index = 0; index < times; index++) sum += change(index);
  return sum;
}

export function apply(change: (value: i32) => i32): i32 {
  return change(7);
}

function double(value: i32): i32 {
  return 2 * value;
}

export function doubler(): (value: i32) => i32 {
  return double;
}

export function add(a: i32, b: i32): i32 {
  return a + b;
}

/** Work for one core: steps of a linear congruential generator. */
export function spin(steps: i32): u32 {
  let state: u32 = 1;
  for (let step = 0; step < steps; step++) state = state * 1664525 + 1013904223;
  return state;
}
