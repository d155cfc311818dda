// The desk's pages work without any of this; each module adds one comfort.
import { watchComposer } from "./composer.js";
import { watchKeys } from "./keys.js";
import { watchLive } from "./live.js";
import { watchPage } from "./page.js";
import { watchSession } from "./session.js";
import { watchUndo } from "./undo.js";

for (const watch of [watchPage, watchKeys, watchComposer, watchUndo, watchSession, watchLive]) watch();
