// Compiles the schemas of the records that have a form, each to a script of its own:
// muluValidator.check(data) → true, or false with the faults in muluValidator.check.errors.
// Usage: node build.mjs [SCHEMAS OUT]. The same schemas give the same bytes.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import Ajv from "ajv/dist/2020.js";
import standalone from "ajv/dist/standalone/index.js";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const [schemas = `${here}../../schemas/records`, out = `${here}../theme/assets/forms`] = process.argv.slice(2);

// Words for people are left out: the page has them.
const WORDS = new Set(["title", "description"]);
const isWord = (name, value) => name === "examples" || name.startsWith("x-") || (WORDS.has(name) && typeof value === "string");
const bare = (node) => {
  if (Array.isArray(node)) return node.map(bare);
  if (node === null || typeof node !== "object") return node;
  return Object.fromEntries(Object.entries(node).filter(([name, value]) => !isWord(name, value)).map(([name, value]) => [name, bare(value)]));
};

const documents = readdirSync(schemas).filter((name) => name.endsWith(".schema.json")).sort()
  .map((name) => [name, JSON.parse(readFileSync(`${schemas}/${name}`, "utf-8"))]);
const hasForm = (schema) => schema["x-kind"] === "resource" || (schema["x-kind"] && "acts" in schema.properties);

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
for (const [name, schema] of documents.filter(([, schema]) => hasForm(schema))) {
  const ajv = new Ajv({ code: { source: true, esm: true, lines: false }, allErrors: true, strict: false, validateFormats: false, messages: false });
  for (const [other, document] of documents) ajv.addSchema({ ...bare(document), $id: other }, other);
  const code = standalone(ajv, { check: name });
  const result = await build({
    stdin: { contents: code, resolveDir: here, loader: "js" },
    bundle: true, format: "iife", globalName: "muluValidator", minify: true, write: false, target: "es2020", legalComments: "none", charset: "utf8",
  });
  writeFileSync(`${out}/${schema["x-kind"]}.js`, result.outputFiles[0].text);
}
