// A module that calls back into the host.

// @ts-ignore: decorator
@external("host", "twice")
declare function twice(value: i32): i32;

export function callHost(times: i32): i32 {
  let sum = 0;
  for (let index = 0; index < times; index++) sum += twice(index);
  return sum;
}

export function add(a: i32, b: i32): i32 {
  return a + b;
}
