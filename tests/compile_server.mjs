// Runs asc again and again in one process: starting Node.js and loading a compiler takes longer than compiling.
//
//   node compile_server.mjs FOLDER     the folder of the compiler
//
// Reads a line of JSON for each program, the working directory and asc's options, and writes one: whether it has been
// compiled. What asc says of one that has not is for the command itself to say.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";

const folder = process.argv[2];
const script = `${folder}/cli/asc.js`; // an ES module elsewhere since 0.20
const isOld = existsSync(script);
console.log = console.error; // standard output is for answers
const asc = isOld ? createRequire(import.meta.url)(script) : await import(pathToFileURL(`${folder}/dist/asc.js`).href);
await asc.ready;

async function compile({ base, options }) {
  process.chdir(base);
  const streams = { stdout: asc.createMemoryStream(), stderr: asc.createMemoryStream() };
  if (isOld) return new Promise((done) => void asc.main(options, streams, (error) => done(!error)));
  return (await asc.main(options, streams)).error === null;
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await compile(JSON.parse(line)).catch(() => false))}\n`);
}
