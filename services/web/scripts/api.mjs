// Writes src/api/schema.ts from the gateway's own description, so that a call which it would refuse does not compile.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const own = `${root}.venv/bin/python`;
const python = process.env.VIVA_PYTHON ?? (existsSync(own) ? own : "python3");
const target = fileURLToPath(new URL("../src/api/schema.ts", import.meta.url));

let described;
try {
  described = execFileSync(python, ["-m", "viva_gateway", "openapi"], {
    maxBuffer: 64 << 20,
    encoding: "utf8",
  });
} catch (error) {
  console.error(
    `${python} cannot describe the gateway: run \`make setup\` first, or name a Python in VIVA_PYTHON`,
  );
  process.exit(error.status || 1);
}
const written = `// Written by scripts/api.mjs.\n${astToString(await openapiTS(JSON.parse(described)))}`;
if (!existsSync(target) || readFileSync(target, "utf8") !== written) writeFileSync(target, written);
