// How a peer under Node.js is driven: see _processes.py for the protocol.

import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";

/** An instance of a binary, through the bindings that asc generates. */
export async function load(wasm, bindings) {
  // Read as text because the extension, .js, says CommonJS to Node.
  const { instantiate } = await import(`data:text/javascript,${encodeURIComponent(await readFile(bindings, "utf8"))}`);
  return instantiate(await WebAssembly.compile(await readFile(wasm)));
}

/** Answer orders until the input ends: each is an operation, and how often to do it. */
export async function serve(operations) {
  for await (const line of createInterface({ input: process.stdin })) {
    const [operation, count] = line.split(" ");
    const start = process.hrtime.bigint();
    operations[operation](Number(count));
    console.log(String(process.hrtime.bigint() - start));
  }
}
