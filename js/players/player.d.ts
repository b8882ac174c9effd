import type { Adapter } from "../cuehook.js";

/** Makes an adapter of the player's object or element. Each file of this folder exports one. */
export default function adapter(player: any): Adapter;
