// Every feature of the language that the transform and the Python binding know, for every supported compiler.
// The tests of both read it: a change here is a change to what they expect.

// ---- Enums and globals

/** How much is told. */
export enum Level {
  Debug = 1,
  Info,
  Warn = 10,
  /** Not a level. */
  Off = -1,
}

export const enum Color {
  Red = 5,
  Green = Red + 1,
  Blue = 0x10,
}

let base = 3;

/** Its first value is computed when the module starts. */
export enum Computed {
  First = base,
  Second = 4,
}

enum Unexported {
  No,
  Yes,
}

type Answer = Unexported;

export const LIMIT: i32 = 42;
export const RATIO: f64 = 3.25;
export const HUGE: u64 = 0xffffffffffffffff;
export const LOWEST: i64 = i64.MIN_VALUE;
export const UNSIGNED: u32 = 0xffffffff;
export const ENABLED: bool = true;
export const NOTHING: f64 = NaN;
export const THIRD: f32 = 0.1;
export const TITLE: string = "features";
export const INLINED: i32 = LIMIT;
/** Counts the calls of `tick`. */
export let counter: i32 = 7;
export let level: Level = Level.Info;
export let current: File | null = null;

// ---- Plain functions

/** Adds two numbers. */
export function add(a: i32, b: i32): i32 {
  return a + b;
}

export function tick(): i32 {
  return ++counter;
}

export function helloworld(name: string): string {
  return "hello, " + name;
}

/**
 * Optional parameters, of which one depends on another.
 *
 * @param a the only required one
 */
export function optional(a: i32, b: i32 = a * 2, c: string = "x"): string {
  return a.toString() + "," + b.toString() + "," + c;
}

export function paint(color: Color, level: Level = Level.Debug): Level {
  return color == Color.Red ? level : Level.Off;
}

export function agree(answer: Answer): Answer {
  return answer == Unexported.Yes ? Unexported.No : Unexported.Yes;
}

export function nullable(text: string | null): string | null {
  return text === null ? "null" : text == "" ? null : text;
}

export function identity<T>(value: T): T {
  return value;
}

export function small(a: i8, b: u8, c: i16, d: u16, e: bool): i32 {
  return a + b + c + d + i32(e);
}

export function wide(a: i64, b: u64, c: f32, d: f64, e: usize): f64 {
  return f64(a) + f64(b) + c + d + f64(e);
}

export { add as plus };

// ---- Classes

/**
 * A text file.
 *
 * It has lines.
 */
export class File {
  /** How many were made. */
  static count: i32 = 0;
  static readonly MAX: i32 = 100;
  static newest: File | null = null;
  private static secrets: i32 = 0;

  name: string;
  lines: Array<Line> = [];
  flag: bool = true;
  ratio: f32 = 1.5;
  big: u64 = 0xffffffffffffffff;
  level: Level = Level.Info;
  parent: File | null = null;
  /** Given once. */
  readonly id: u32 = 12;
  private secret: i32 = 99;
  protected guarded: i64 = 5;

  /** Makes a file. */
  constructor(name: string, capacity: i32 = 8) {
    this.name = name;
    this.secret = capacity;
    File.newest = this;
    File.count++;
  }

  /** Makes a file of a text. */
  static parse(text: string, separator: string = "\n"): File {
    const file = new File("parsed");
    const parts = text.split(separator);
    for (let i = 0; i < parts.length; i++) file.lines.push(new Line(parts[i]));
    return file;
  }

  static get total(): i32 {
    return File.count;
  }

  static set total(value: i32) {
    File.count = value;
  }

  /** The number of characters. */
  get size(): i32 {
    let size = 0;
    for (let i = 0; i < this.lines.length; i++) size += this.lines[i].text.length;
    return size;
  }

  get title(): string {
    return this.name.toUpperCase();
  }

  /** Renames the file. */
  set title(value: string) {
    this.name = value.toLowerCase();
  }

  private get hiddenSize(): i32 {
    return -this.size;
  }

  addLine(line: Line): f64 {
    this.lines.push(line);
    return this.lines.length;
  }

  /** Adds a text, which may be repeated. */
  append(text: string, times: i32 = 1, suffix: string = "!"): i32 {
    for (let i = 0; i < times; i++) this.lines.push(new Line(text + suffix));
    return this.lines.length;
  }

  find(text: string): Line | null {
    for (let i = 0; i < this.lines.length; i++) {
      if (this.lines[i].text == text) return this.lines[i];
    }
    return null;
  }

  texts(): string[] {
    const texts: string[] = [];
    for (let i = 0; i < this.lines.length; i++) texts.push(this.lines[i].text);
    return texts;
  }

  /** Returns the file itself. */
  touch(): this {
    this.flag = !this.flag;
    return this;
  }

  each(visit: (line: Line, index: i32) => i32): i32 {
    let sum = 0;
    for (let i = 0; i < this.lines.length; i++) sum += visit(this.lines[i], i);
    return sum;
  }

  convert<T>(value: T): T {
    return value;
  }

  /** For tests alone. @wasmbindSkip */
  skipped(): i32 {
    return this.hidden();
  }

  protected inherited(): i32 {
    return i32(this.guarded);
  }

  private hidden(): i32 {
    return this.secret + this.hiddenSize + File.secrets;
  }
}

export class Line {
  constructor(public text: string) {}
}

/** A class without a constructor of its own. */
export class Point {
  x: f64 = 0;
  y: f64 = -1.5;
}

export { Point as Location };

export function openFile(name: string): File {
  return new File(name, 16);
}

export function lineOf(file: File, index: i32): Line {
  return file.lines[index];
}

// ---- Virtual methods, abstract classes, interfaces

export class Animal {
  protected legs: i32;

  constructor(legs: i32 = 4) {
    this.legs = legs;
  }

  get kind(): string {
    return "animal";
  }

  speak(times: i32 = 1): string {
    return "...".repeat(times);
  }

  walk(): i32 {
    return this.legs;
  }
}

export class Dog extends Animal {
  good: bool = true;

  get kind(): string {
    return "dog";
  }

  speak(times: i32 = 2): string {
    return "woof".repeat(times);
  }
}

export class Puppy extends Dog {
  constructor() {
    super(3);
  }

  speak(times: i32 = 3): string {
    return "yip".repeat(times) + super.speak(1);
  }

  walk(): i32 {
    return -super.walk();
  }
}

/** Returns 0 an animal, 1 a dog, 2 a puppy, 3 what is not exported. */
export function adopt(kind: i32): Animal {
  if (kind == 1) return new Dog();
  if (kind == 2) return new Puppy();
  if (kind == 3) return new Stray();
  return new Animal();
}

export function listen(animal: Animal): string {
  return animal.speak(1);
}

class Stray extends Animal {
  fleas: i32 = 7;

  speak(times: i32 = 1): string {
    return "grr".repeat(times);
  }
}

export interface Shape {
  readonly name: string;
  scale: f64;
  area(): f64;
}

export class Square implements Shape {
  name: string = "square";
  scale: f64 = 1;

  constructor(public side: f64) {}

  area(): f64 {
    return this.side * this.side * this.scale;
  }
}

/** Its accessors stand for the fields of the interface. */
export class Circle implements Shape {
  radius: f64 = 1;

  get name(): string {
    return "circle";
  }

  get scale(): f64 {
    return this.radius;
  }

  set scale(value: f64) {
    this.radius = value;
  }

  area(): f64 {
    return 3 * this.radius * this.radius;
  }
}

export function areaOf(shape: Shape): f64 {
  return shape.area();
}

export function makeShape(round: bool): Shape {
  if (round) return new Circle();
  return new Square(2);
}

export abstract class Task {
  done: bool = false;

  abstract cost(factor: i32): i32;

  run(factor: i32 = 1): i32 {
    this.done = true;
    return this.cost(factor);
  }
}

export class Errand extends Task {
  cost(factor: i32): i32 {
    return 41 * factor;
  }
}

export function makeTask(): Task {
  return new Errand();
}

/** Nothing is derived from it. */
export abstract class Lonely {
  abstract nothing(): void;
}

// ---- Generics and collections

export class Box<T> {
  constructor(public value: T) {}

  get(): T {
    return this.value;
  }

  set(value: T): void {
    this.value = value;
  }

  static zero(): i32 {
    return 0;
  }
}

export class Pair<A, B> {
  constructor(public first: A, public second: B) {}
}

export function boxOf(value: i32): Box<i32> {
  return new Box<i32>(value);
}

export function pairOf(name: string, file: File): Pair<string, Box<File>> {
  return new Pair<string, Box<File>>(name, new Box<File>(file));
}

export class StringMap extends Map<string, string> {}

export class Names extends Array<string> {
  longest(): i32 {
    let longest = 0;
    for (let i = 0; i < this.length; i++) longest = max(longest, this[i].length);
    return longest;
  }
}

export class Files extends Array<File> {}

export class Tags extends Set<string> {}

export function sum(values: Array<f64>): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum;
}

export function histogram(text: string): Map<string, i32> {
  const counts = new Map<string, i32>();
  for (let i = 0; i < text.length; i++) {
    const letter = text.charAt(i);
    counts.set(letter, (counts.has(letter) ? counts.get(letter) : 0) + 1);
  }
  return counts;
}

export function distinct(values: i32[]): Set<i32> {
  const set = new Set<i32>();
  for (let i = 0; i < values.length; i++) set.add(values[i]);
  return set;
}

export function bytes(length: i32): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = u8(i * i);
  return bytes;
}

export function squares(length: i32): StaticArray<i32> {
  const squares = new StaticArray<i32>(length);
  for (let i = 0; i < length; i++) squares[i] = i * i;
  return squares;
}

export function bufferOf(view: Float64Array): ArrayBuffer {
  return view.buffer;
}

export function nested(): Array<Array<string>> {
  return [["a", "b"], [], ["c"]];
}

export function sparse(): Array<string | null> {
  return ["a", null];
}

// ---- Operators

export class Vector {
  constructor(public x: f64, public y: f64) {}

  @operator("+")
  static add(a: Vector, b: Vector): Vector {
    return new Vector(a.x + b.x, a.y + b.y);
  }

  @operator("-")
  sub(other: Vector): Vector {
    return new Vector(this.x - other.x, this.y - other.y);
  }

  @operator("*")
  private scaled(factor: Vector): Vector {
    return new Vector(this.x * factor.x, this.y * factor.y);
  }

  @operator("==")
  static equals(a: Vector, b: Vector): bool {
    return a.x == b.x && a.y == b.y;
  }

  @operator("<")
  less(other: Vector): bool {
    return this.x < other.x;
  }

  /** The negative. */
  @operator.prefix("-")
  negative(): Vector {
    return new Vector(-this.x, -this.y);
  }

  @operator.postfix("++")
  next(): Vector {
    return new Vector(this.x + 1, this.y);
  }

  @operator("[]")
  at(index: i32): f64 {
    return index == 0 ? this.x : this.y;
  }

  @operator("[]=")
  put(index: i32, value: f64): void {
    if (index == 0) this.x = value;
    else this.y = value;
  }
}

// ---- Namespaces

export namespace geo {
  export const ORIGIN: i32 = 9;

  export enum Axis {
    X,
    Y,
  }

  export class Place {
    axis: Axis = Axis.Y;

    constructor(public name: string) {}

    doubled(): string {
      return this.name + this.name;
    }
  }

  export function distance(a: i32, b: i32 = 0): i32 {
    return a > b ? a - b : b - a;
  }

  export namespace inner {
    export function deep(): string {
      return "deep";
    }
  }

  class Private {}

  export function hidden(): bool {
    return new Private() !== null;
  }
}

// ---- Imports

/** What an import is given is reached too. */
class Event {
  constructor(public kind: Level, public file: File | null) {}
}

// @ts-ignore: decorator
@external("host", "log")
declare function log(level: Level, message: string, event: Event | null): void;

// @ts-ignore: decorator
@external("host", "ask")
declare function ask(question: string, options: string[]): string | null;

// @ts-ignore: decorator
@external("host", "scale")
declare const hostScale: f64;

export function tell(message: string): void {
  log(Level.Warn, message, new Event(Level.Warn, current));
}

export function consult(question: string): string {
  const answer = ask(question, ["yes", "no"]);
  return answer === null ? "nothing" : answer + "!";
}

export function scaled(value: f64): f64 {
  return value * hostScale;
}

// ---- Function values

export function apply(f: (a: i32, b: i32) => i32, a: i32, b: i32): i32 {
  return f(a, b);
}

export function adder(): (a: i32, b: i32) => i32 {
  return (a: i32, b: i32): i32 => a + b;
}

/** Only a host calls the function that it returns. */
export function shout(): (text: string) => string {
  return (text: string): string => text.toUpperCase();
}

export function pick(f: ((color: Color) => Color) | null): Color {
  return f === null ? Color.Blue : f(Color.Red);
}

// ---- Unmanaged memory

@unmanaged
class Raw {
  x: f32;
  y: f32;
}

export function rawSum(raw: Raw): f32 {
  return raw.x + raw.y;
}

// ---- Failure and garbage

export function fail(message: string): void {
  throw new Error(message);
}

export function failDeep(depth: i32, message: string): i32 {
  const kept = message + depth.toString();
  if (depth <= 0) throw new Error(kept);
  return failDeep(depth - 1, message) + kept.length;
}

export function trap(address: usize): i32 {
  return load<i32>(address);
}

/** Makes objects that nothing keeps. */
export function litter(count: i32): i32 {
  let length = 0;
  for (let i = 0; i < count; i++) length += new Line("garbage " + i.toString()).text.length;
  return length;
}

/** Makes files of which nothing is kept but the last. */
export function litterFiles(count: i32): void {
  for (let i = 0; i < count; i++) current = new File("file " + i.toString());
}
