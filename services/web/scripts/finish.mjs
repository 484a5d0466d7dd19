// After the build: weighs what a candidate's first page loads, and writes compressed copies for the gateway to serve.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

const MOST = 180 * 1024;
const FIRST = ["interview.html", "base", "src/candidate/Entry.tsx", "src/i18n/en.json"];
const TEXT = new Set([".js", ".css", ".html", ".svg"]);
const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const manifest = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8"));

function gather(name, files) {
  const chunk =
    manifest[name] ?? Object.values(manifest).find((one) => one.src === name || one.name === name);
  if (!chunk) throw new Error(`${name} is not in the build: mend FIRST in scripts/finish.mjs`);
  if (files.has(chunk.file)) return;
  files.add(chunk.file);
  for (const sheet of chunk.css ?? []) files.add(sheet);
  for (const other of chunk.imports ?? []) gather(other, files);
}

// What the candidate's page imports first of all is named in it, so that the browser asks for it without being told to.
const main = new Set();
gather("base", main);
gather("src/candidate/Entry.tsx", main);
const page = join(dist, "interview.html");
const links = [...main].map((file) =>
  file.endsWith(".css")
    ? `<link rel="stylesheet" crossorigin href="/${file}">`
    : `<link rel="modulepreload" crossorigin href="/${file}">`,
);
const html = readFileSync(page, "utf8");
const missing = links.filter((link) => !html.includes(link));
writeFileSync(page, html.replace("</head>", `  ${missing.join("\n    ")}\n  </head>`));

const files = new Set(["interview.html"]);
for (const name of FIRST) gather(name, files);
const bytes = [...files].reduce((sum, file) => sum + gzipSync(readFileSync(join(dist, file))).length, 0);
console.log(`candidate's first page: ${(bytes / 1024).toFixed(1)} KiB gzip of ${MOST / 1024} (fonts apart)`);
if (bytes > MOST) {
  console.error("too much: split what the first page does not need");
  process.exit(1);
}

rmSync(join(dist, ".vite"), { recursive: true });
for (const entry of readdirSync(dist, { recursive: true })) {
  const path = join(dist, entry);
  if (!statSync(path).isFile() || !TEXT.has(extname(path))) continue;
  const content = readFileSync(path);
  if (content.length < 1024) continue;
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
  writeFileSync(`${path}.br`, brotliCompressSync(content));
}
