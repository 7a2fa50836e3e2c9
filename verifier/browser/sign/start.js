/** One script, started twice: in the page, and by the page in a worker that does the slow work beside it. */

import { startPage } from "./main.js";
import { startWorker } from "./worker.js";

if ("document" in globalThis) startPage();
else startWorker();
