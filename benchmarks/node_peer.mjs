// Measures modern.ts under Node.js, through the bindings that asc generates.

import { load, serve } from "./node_protocol.mjs";

const [wasm, bindings, text] = process.argv.slice(2);
const { add, echo } = await load(wasm, bindings);

let sink = 0;
await serve({
  add(count) {
    let sum = 0;
    for (let index = 0; index < count; index++) sum = add(sum, index);
    sink += sum;
  },
  echo(count) {
    for (let index = 0; index < count; index++) sink += echo(text).length;
  },
});
