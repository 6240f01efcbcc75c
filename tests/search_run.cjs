// Answers queries with search-core.js over an index folder: {core, folder, asked: […], rows} on
// stdin; on stdout a list of {total, counts, rows: [{href, title}], runs}, or of what `call` gives.
const fs = require("fs");
const path = require("path");

const input = JSON.parse(fs.readFileSync(0, "utf8"));
const core = require(input.core);
const load = async (name) => {
  const bytes = fs.readFileSync(path.join(input.folder, "search", name));
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
};
const main = async () => {
  if (input.call) return input.asked.map((asked) => core[input.call](...asked));
  const index = await core.open(load);
  const answers = [];
  for (const asked of input.asked) {
    const answer = await index.find(asked);
    const counts = Object.fromEntries(Object.entries(answer.counts).map(([name, found]) => [name, Object.fromEntries(found)]));
    const rows = (await index.page(answer, 0, input.rows)).map(({ href, title }) => ({ href, title }));
    answers.push({ total: answer.total, counts, rows, runs: answer.runs });
  }
  return answers;
};
main().then((answers) => process.stdout.write(JSON.stringify(answers)));
