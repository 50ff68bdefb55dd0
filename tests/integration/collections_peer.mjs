// Does in JavaScript, through the bindings that asc generates, what test_collection_matrix.py does in Python.
//
// Arguments: the binary and its bindings. Standard input: JSON, a list of {name, encoding, values: [[...], ...]}, in
// which numbers are text. Standard output: JSON, for each name what came of it:
// {made: [...], checked: [...], echoed: [...], nested, nestedChecked}, with numbers as text again.

import { readFileSync } from "node:fs";

const [wasm, bindings] = process.argv.slice(2);
const cases = JSON.parse(readFileSync(0, "utf8"));
// Read as text because the extension, .js, says CommonJS to Node.
const { instantiate } = await import(`data:text/javascript,${encodeURIComponent(readFileSync(bindings, "utf8"))}`);
const exports = await instantiate(await WebAssembly.compile(readFileSync(wasm)), { env: {} });

const decoders = {
  number: Number, // of "-0", "NaN" and "Infinity" too
  bigint: BigInt,
  as_is: (value) => value,
  object: (serial) => (serial === null ? null : exports.item(serial)),
};

/** A list of the kind that a function takes: the bindings make typed arrays of ArrayBuffers and typed arrays only. */
function like(sample, values) {
  if (sample instanceof ArrayBuffer) return new Uint8Array(values).buffer;
  return ArrayBuffer.isView(sample) ? sample.constructor.from(values) : values;
}

function encoded(value) {
  switch (typeof value) {
    case "number":
      return Object.is(value, -0) ? "-0" : String(value);
    case "bigint":
      return String(value);
    case "object":
      if (value instanceof ArrayBuffer) return [...new Uint8Array(value)].map(encoded);
      if (Array.isArray(value) || ArrayBuffer.isView(value)) return Array.from(value, encoded);
      return value === null ? null : { opaque: value.constructor.name };
    default:
      return value;
  }
}

function attempt(action) {
  try {
    return action();
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

const found = {};
for (const { name, encoding, values } of cases) {
  const [check, make, echo, checkArray, makeArray] = ["check", "make", "echo", "checkArray", "makeArray"].map(
    (verb) => exports[`${verb}_${name}`],
  );
  const given = values.map((list) => like(make(0), list.map(decoders[encoding])));
  const last = given[given.length - 1];
  const three = [given[0], given[1], last];
  found[name] = {
    made: given.map(({ length, byteLength }) => attempt(() => encoded(make(length ?? byteLength)))),
    checked: given.map((list) => attempt(() => check(list, list.length ?? list.byteLength))),
    echoed: given.map((list) => attempt(() => encoded(echo(list)))),
    nested: attempt(() => encoded(makeArray(last.length ?? last.byteLength))),
    nestedChecked: attempt(() => checkArray(three, last.length ?? last.byteLength)),
  };
}
console.log(JSON.stringify(found));
