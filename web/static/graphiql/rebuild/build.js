// Bundles vendor.js into the folder above, and writes down the licence of every package that went in.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { build } from "esbuild";

const { metafile } = await build({
  entryPoints: ["vendor.js"],
  outdir: "..",
  bundle: true,
  format: "esm",
  minify: true,
  target: "es2022",
  charset: "utf8",
  legalComments: "none", // the texts are in LICENSES.txt, whole
  define: { "process.env.NODE_ENV": '"production"' },
  loader: { ".woff2": "dataurl", ".woff": "dataurl", ".ttf": "dataurl" },
  metafile: true,
});

/** The folder of the package that a bundled file belongs to. */
function packageOf(file) {
  let folder = dirname(file);
  while (!existsSync(join(folder, "package.json")) || !JSON.parse(readFileSync(join(folder, "package.json"))).version) {
    folder = dirname(folder);
  }
  return folder;
}

/** One package's entry: name, version, licence, and its text, or its author if it carries none. */
function entry(folder) {
  const { name, version, license, author = "its contributors" } = JSON.parse(readFileSync(join(folder, "package.json")));
  const texts = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
  const body = texts.map((file) => readFileSync(join(folder, file), "utf8").trim());
  const none = `Copyright ${author}; its package carries no text, the MIT terms stand under react.`;
  return [`${name} ${version} (${license})`, ...(body.length > 0 ? body : [none])].join("\n\n");
}

const bundled = Object.values(metafile.outputs).flatMap((output) => Object.keys(output.inputs));
const packages = new Set(bundled.filter((file) => file.startsWith("node_modules/")).map(packageOf));
const entries = [...new Set([...packages].map(entry))].sort();
const rule = `\n\n${"=".repeat(78)}\n\n`;
const head = "vendor.js and vendor.css are made of these packages, unchanged:";
writeFileSync("../LICENSES.txt", [head, ...entries, readFileSync("fonts.txt", "utf8").trim()].join(rule) + "\n");
