// plainjob with one worker in one process, at full sync.
//
// usage: plainjob.mjs versions MODULES
//        plainjob.mjs cycle MODULES FILE COUNT
//
// MODULES is the directory in which the packages of package.json are installed.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [verb, modules, ...rest] = process.argv.slice(2);
const require = createRequire(join(modules, "package.json"));
const Database = require("better-sqlite3");
const packageFile = join(modules, "node_modules/plainjob/package.json");
const { version, main } = JSON.parse(readFileSync(packageFile, "utf8"));

const SYNC_MODES = ["OFF", "NORMAL", "FULL", "EXTRA"];
// Enough for the first calls' costs (compilation, page cache, statements) to be over.
const WARM_UP = 20;
// An answer is one line on standard output; the peer's own log would mix with it.
const SILENT = { debug() {}, info() {}, warn() {}, error: console.error };

const answer = (fields) => console.log(JSON.stringify(fields));

function versions() {
  const sqlite = new Database(":memory:").prepare("SELECT sqlite_version() AS v").get().v;
  answer({ peer: version, sqlite, runtime: `Node ${process.versions.node}` });
}

async function cycle(file, count) {
  const { better, defineQueue, defineWorker } = await load();
  const database = new Database(file);
  const queue = defineQueue({ connection: better(database), logger: SILENT });
  // The queue sets NORMAL when it opens; every figure of this comparison is at FULL.
  database.pragma("synchronous = FULL");
  const fill = (jobs) => {
    for (let number = 0; number < jobs; number += 1) queue.add("bench", { number });
  };
  const drain = async (jobs) => {
    let done = 0;
    const worker = defineWorker("bench", async () => {}, {
      queue,
      logger: SILENT,
      onCompleted: () => {
        done += 1;
        if (done === jobs) worker.stop();
      },
    });
    const started = process.hrtime.bigint();
    await worker.start();
    return { done, seconds: Number(process.hrtime.bigint() - started) / 1e9 };
  };
  fill(WARM_UP);
  await drain(WARM_UP);
  fill(count);
  const { done, seconds } = await drain(count);
  const journal = database.pragma("journal_mode", { simple: true }).toUpperCase();
  const level = database.pragma("synchronous", { simple: true });
  answer({ done, seconds, errors: 0, first_error: null, sync: `${journal} ${SYNC_MODES[level]}` });
  queue.close();
}

// The package is an ES module outside of this script's own directory, so it is named by its file.
function load() {
  return import(pathToFileURL(join(modules, "node_modules/plainjob", main)).href);
}

if (verb === "versions") versions();
else if (verb === "cycle") await cycle(rest[0], Number(rest[1]));
else throw new Error(`no verb ${verb}`);
