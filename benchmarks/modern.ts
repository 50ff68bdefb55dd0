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

export function lengthOf(values: Array<f64>): i32 {
  return values.length;
}

const WORDS: string[] = [];
for (let index = 0; index < 10_000; index++) WORDS.push("word " + index.toString());

export function words(): string[] {
  return WORDS;
}
