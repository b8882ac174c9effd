/** The outbox that most pages need: see page.js. */

import { instance } from "../dist/outbox/cuehook.js";
import { openWith } from "./page.js";

export const open = openWith(instance);
