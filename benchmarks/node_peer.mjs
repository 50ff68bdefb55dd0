// Measures modern.ts under Node.js, through the bindings that asc generates. See _processes.py for the protocol.

import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";

const [wasm, bindings, text] = process.argv.slice(2);
// Read as text because the extension, .js, says CommonJS to Node.
const { instantiate } = await import(`data:text/javascript,${encodeURIComponent(await readFile(bindings, "utf8"))}`);
const module = await WebAssembly.compile(await readFile(wasm));
const { add, echo } = await instantiate(module);

let sink = 0;
const operations = {
  add(count) {
    let sum = 0;
    for (let index = 0; index < count; index++) sum = add(sum, index);
    sink += sum;
  },
  echo(count) {
    for (let index = 0; index < count; index++) sink += echo(text).length;
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [operation, count] = line.split(" ");
  const start = process.hrtime.bigint();
  operations[operation](Number(count));
  console.log(String(process.hrtime.bigint() - start));
}
