// Shows what the page that holds keys came back with, on a page that does nothing more with it.

import { show, take } from "./acts.js";

const came = take();
if (came) show(came);
