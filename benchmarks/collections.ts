// What collections are measured with.

const COUNT = 100_000;
const WORD_COUNT = 10_000;

export function lengthOf(values: Array<f64>): i32 {
  return values.length;
}

export function lengthOfTyped(values: Float64Array): i32 {
  return values.length;
}

const NUMBERS: f64[] = [];
const TYPED = new Float64Array(COUNT);
const INTEGERS: i32[] = [];
for (let index = 0; index < COUNT; index++) {
  NUMBERS.push(index);
  TYPED[index] = index;
  INTEGERS.push(index);
}

export function numbers(): Array<f64> {
  return NUMBERS;
}

export function typedNumbers(): Float64Array {
  return TYPED;
}

export function integers(): Array<i32> {
  return INTEGERS;
}

export function noIntegers(): Array<i32> {
  return [];
}

// What a host can make a view of that knows AssemblyScript's layouts.
export function integersStart(): usize {
  return INTEGERS.dataStart;
}

export function numbersStart(): usize {
  return NUMBERS.dataStart;
}

// Made when asked for: the collector's work, which every allocation shares, grows with the number of objects.
const WORDS: string[] = [];
const INDEX = new Map<string, i32>();

export function words(): string[] {
  if (!WORDS.length) for (let index = 0; index < WORD_COUNT; index++) WORDS.push("word " + index.toString());
  return WORDS;
}

export function countWords(values: string[]): i32 {
  return values.length;
}

export function index(): Map<string, i32> {
  if (!INDEX.size) for (let index = 0; index < WORD_COUNT; index++) INDEX.set("word " + index.toString(), index);
  return INDEX;
}

export function noIndex(): Map<string, i32> {
  return new Map<string, i32>();
}

export function countIndex(values: Map<string, i32>): i32 {
  return values.size;
}

// What a host does without bindings for maps.
export function keysOf(values: Map<string, i32>): string[] {
  return values.keys();
}

export function valueOf(values: Map<string, i32>, key: string): i32 {
  return values.get(key);
}

export function setValue(values: Map<string, i32>, key: string, value: i32): void {
  values.set(key, value);
}
