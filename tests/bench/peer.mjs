// The peer for checking: ajv 8 and js-yaml over the same resource files and schema.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import yaml from "js-yaml";

const [root, schemas] = process.argv.slice(2);
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats(ajv);
const read = (name) => JSON.parse(readFileSync(join(schemas, `${name}.schema.json`), "utf8"));
ajv.addSchema(read("defs"), "defs.schema.json");
const validate = ajv.compile(read("resource"));
const folder = join(root, "catalog/resources");
let files = 0;
let bad = 0;
for (const agency of readdirSync(folder)) {
  for (const name of readdirSync(join(folder, agency))) {
    files += 1;
    const text = readFileSync(join(folder, agency, name), "utf8");
    if (!validate(yaml.load(text, { schema: yaml.CORE_SCHEMA }))) bad += 1;
  }
}
console.log(files, bad);
