// What a stock build of a modern asc is measured with: functions, and fields at offsets.

export function add(a: i32, b: i32): i32 {
  return a + b;
}

export function echo(text: string): string {
  return text;
}

export class Sample {
  weight: f64 = 0.5;
  count: i32 = 7;
}

export function makeSample(): Sample {
  return new Sample();
}
