// What tests/typing/wrong/binary.py declares wrongly.
export enum Color { Red, Green }
export class Line {
  size: i32 = 0;
  constructor(public text: string) {}
  longer(by: i32): bool { return this.text.length > by; }
}
export let counter: i32 = 0;
export const LIMIT: f64 = 2.5;
export function add(a: i32, b: i32 = 2): i32 { return a + b; }
export function greet(name: string): string { return "hello, " + name; }
export function first(lines: Array<Line>): Line | null { return lines.length ? lines[0] : null; }
export function paint(color: Color): Color { return color; }
export function total(values: Float64Array): f64 { return values.length ? values[0] : 0; }
