// What the functions have in common that tests/integration/collection_source.py generates for each collection of each
// element type. It is the beginning of their source.

export enum Color { Red, Green = 5, Low = -2147483648, High = 2147483647 }
export class Item { constructor(public serial: i32) {} }
export function item(serial: i32): Item { return new Item(serial); }
export function churn(count: i32): void { for (let i = 0; i < count; i++) new ArrayBuffer(512); }

function same<E>(a: E, b: E): bool {
  if (isFloat<E>()) {
    if (a != a) return b != b;
    if (sizeof<E>() == 4) return reinterpret<u32>(<f32>a) == reinterpret<u32>(<f32>b);
    return reinterpret<u64>(<f64>a) == reinterpret<u64>(<f64>b);
  }
  if (isReference<E>() && !isString<E>()) {
    const x = changetype<Item | null>(a), y = changetype<Item | null>(b);
    return x === null ? y === null : y !== null && x.serial == y.serial;
  }
  return a == b;
}
function checkSequence<S, E>(c: S, s: E[], n: i32): bool {
  if (c.length != n) return false;
  for (let i = 0; i < n; i++) if (!same<E>(c[i], s[i % s.length])) return false;
  return true;
}
function turn<S, E>(c: S, s: E[]): void {
  for (let i = 0, j = c.length - 1; i < j; i++, j--) { const kept = c[i]; c[i] = c[j]; c[j] = kept; }
}

function checkArray<S, E>(c: S, s: E[], n: i32): bool { return checkSequence<S, E>(c, s, n); }
function makeArray<S, E>(s: E[], n: i32): S {
  const c = instantiate<S>();
  for (let i = 0; i < n; i++) c.push(s[i % s.length]);
  return c;
}
function touchArray<S, E>(c: S, s: E[]): void { turn<S, E>(c, s); c.push(s[0]); }

function checkStatic<S, E>(c: S, s: E[], n: i32): bool { return checkSequence<S, E>(c, s, n); }
function makeStatic<S, E>(s: E[], n: i32): S {
  const c = instantiate<S>(n);
  for (let i = 0; i < n; i++) c[i] = s[i % s.length];
  return c;
}
function touchStatic<S, E>(c: S, s: E[]): void { turn<S, E>(c, s); }

function checkTyped<S, E>(c: S, s: E[], n: i32): bool { return checkSequence<S, E>(c, s, n); }
function makeTyped<S, E>(s: E[], n: i32): S { return makeStatic<S, E>(s, n); }
function touchTyped<S, E>(c: S, s: E[]): void { turn<S, E>(c, s); }

function checkBuffer<S, E>(c: ArrayBuffer, s: u8[], n: i32): bool {
  return c.byteLength == n && checkSequence<Uint8Array, u8>(Uint8Array.wrap(c), s, n);
}
function makeBuffer<S, E>(s: u8[], n: i32): ArrayBuffer { return makeStatic<Uint8Array, u8>(s, n).buffer; }
function touchBuffer<S, E>(c: ArrayBuffer, s: u8[]): void { turn<Uint8Array, u8>(Uint8Array.wrap(c), s); }

function checkKeys<S, E>(c: Map<E, f64>, s: E[], n: i32): bool {
  const keys = c.keys();
  if (c.size != n || keys.length != n) return false;
  for (let i = 0; i < n; i++) if (!same<E>(keys[i], s[i]) || c.get(keys[i]) != <f64>i + 0.5) return false;
  if (!isReference<E>() || isString<E>()) for (let i = 0; i < s.length; i++) if (c.has(s[i]) != i < n) return false;
  return true;
}
function makeKeys<S, E>(s: E[], n: i32): Map<E, f64> {
  const c = new Map<E, f64>();
  for (let i = 0; i < n; i++) c.set(s[i], <f64>i + 0.5);
  return c;
}
function touchKeys<S, E>(c: Map<E, f64>, s: E[]): void {
  const key = c.keys()[0], value = c.get(key);
  c.delete(key);
  c.set(key, value);
}

function checkValues<S, E>(c: Map<string, E>, s: E[], n: i32): bool {
  const keys = c.keys(), values = c.values();
  if (c.size != n || keys.length != n) return false;
  for (let i = 0; i < n; i++) {
    const key = "key " + i.toString(), expected = s[i % s.length];
    if (keys[i] != key || !c.has(key) || !same<E>(c.get(key), expected) || !same<E>(values[i], expected)) return false;
  }
  return !c.has("key " + n.toString());
}
function makeValues<S, E>(s: E[], n: i32): Map<string, E> {
  const c = new Map<string, E>();
  for (let i = 0; i < n; i++) c.set("key " + i.toString(), s[i % s.length]);
  return c;
}
function touchValues<S, E>(c: Map<string, E>, s: E[]): void {
  const key = c.keys()[0], value = c.get(key);
  c.delete(key);
  c.set(key, value);
}

function checkPairs<S, E>(c: Map<E, E>, s: E[], n: i32): bool {
  const keys = c.keys();
  if (c.size != n || keys.length != n) return false;
  for (let i = 0; i < n; i++) if (!same<E>(keys[i], s[i]) || !same<E>(c.get(keys[i]), s[n - 1 - i])) return false;
  return true;
}
function makePairs<S, E>(s: E[], n: i32): Map<E, E> {
  const c = new Map<E, E>();
  for (let i = 0; i < n; i++) c.set(s[i], s[n - 1 - i]);
  return c;
}
function touchPairs<S, E>(c: Map<E, E>, s: E[]): void {
  const key = c.keys()[0], value = c.get(key);
  c.delete(key);
  c.set(key, value);
}

function checkMembers<S, E>(c: Set<E>, s: E[], n: i32): bool {
  const values = c.values();
  if (c.size != n || values.length != n) return false;
  for (let i = 0; i < n; i++) if (!same<E>(values[i], s[i]) || !c.has(values[i])) return false;
  if (!isReference<E>() || isString<E>()) for (let i = 0; i < s.length; i++) if (c.has(s[i]) != i < n) return false;
  return true;
}
function makeMembers<S, E>(s: E[], n: i32): Set<E> {
  const c = new Set<E>();
  for (let i = 0; i < n; i++) c.add(s[i]);
  return c;
}
function touchMembers<S, E>(c: Set<E>, s: E[]): void {
  const value = c.values()[0];
  c.delete(value);
  c.add(value);
}
