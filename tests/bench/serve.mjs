// A plain static server, so that a bench measures the page and not the server: FOLDER on a free port.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const [folder] = process.argv.slice(2);
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".svg": "image/svg+xml", ".wasm": "application/wasm" };
const server = createServer(async (request, answer) => {
  const path = normalize(decodeURIComponent(request.url.split("?")[0]));
  const file = join(folder, path.endsWith("/") ? `${path}index.html` : path);
  try {
    const body = await readFile(file);
    answer.writeHead(200, { "content-type": TYPES[extname(file)] || "application/octet-stream", "content-length": body.length, "cache-control": "max-age=60" });
    answer.end(body);
  } catch {
    answer.writeHead(404, { "content-length": 0 });
    answer.end();
  }
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
