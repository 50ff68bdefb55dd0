// Measures collections.ts under Node.js, through the bindings that asc generates. Maps are opaque to them.

import { load, serve } from "./node_protocol.mjs";

const [wasm, bindings] = process.argv.slice(2);
// Numbers in an instance without strings: the collector's work grows with the number of objects.
const module = await load(wasm, bindings);
const texts = await load(wasm, bindings);

const numbers = module.numbers();
const typed = module.typedNumbers();
const words = texts.words();
const map = texts.index();
const entries = new Map(words.map((word, index) => [word, index]));

let sink = 0;

/** A repeated operation, whose result is used. */
function repeated(operation) {
  return (count) => {
    for (let index = 0; index < count; index++) sink += operation(index);
  };
}

await serve({
  list_in: repeated(() => module.lengthOf(numbers)),
  list_out: repeated(() => module.numbers().length),
  typed_in: repeated(() => module.lengthOfTyped(typed)),
  typed_out: repeated(() => module.typedNumbers().length),
  view: repeated(() => new Float64Array(module.memory.buffer, module.numbersStart(), numbers.length).length),
  strings_in: repeated(() => texts.countWords(words)),
  strings_out: repeated(() => texts.words().length),
  map_in: repeated(() => {
    const made = texts.noIndex();
    for (const [key, value] of entries) texts.setValue(made, key, value);
    return texts.countIndex(made);
  }),
  map_out: repeated(() => new Map(texts.keysOf(map).map((key) => [key, texts.valueOf(map, key)])).size),
  map_get: repeated((index) => texts.valueOf(map, words[index % words.length])),
  map_set: repeated((index) => (texts.setValue(map, words[index % words.length], index), 0)),
  iterate: repeated(() => {
    let sum = 0;
    for (const value of new Int32Array(module.memory.buffer, module.integersStart(), numbers.length)) sum += value;
    return sum;
  }),
  read(count) {
    const integers = new Int32Array(module.memory.buffer, module.integersStart(), numbers.length);
    for (let index = 0; index < count; index++) sink += integers[index % 1000];
  },
});
