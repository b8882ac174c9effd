/** The outbox with the formats of other systems: see page.js. */

import { instance } from "../dist/outbox-formats/cuehook.js";
import { openWith } from "./page.js";

export const open = openWith(instance);
