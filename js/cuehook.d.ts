/**
 * Cuehook: an interactive-video webhook runtime.
 *
 * ```html
 * <script type="module" src="/pkg/cuehook.js"></script>
 * <cue-hook src="/spring-shop.json"><video src="/spring-shop.webm" controls playsinline></video></cue-hook>
 * ```
 */

import type { Defaults, JsonObject, JsonValue, Project } from "./document.js";

export type * from "./document.js";

// ---------------------------------------------------------------------------------------------------------- errors

/** Stable codes, the same in events and in rejected promises. */
export type ErrorCode =
  /** The project document, an option, an argument, or a header that a listener added has errors. */
  | "config-invalid"
  /** The WebAssembly module could not be loaded. */
  | "wasm-load"
  /** The page's Content-Security-Policy refused something. */
  | "csp"
  /** No response: offline, DNS, TLS, CORS, blocked or reset; browsers do not tell these apart. */
  | "network"
  /** The time budget of the webhook ran out, retries included; or that of the project's file. */
  | "timeout"
  /** Cancelled by the viewer, the page, a newer request or `destroy()`. */
  | "aborted"
  /** The response's status was not 2xx. (A redirect is `network`: browsers do not tell.) */
  | "http-status"
  /** The response was neither a JSON object nor plain text nor empty. */
  | "bad-json"
  /** The response's body, or an event of the page, was over the limit. */
  | "too-large"
  /** The page does not allow posting to that origin. */
  | "origin-denied"
  /** The relay refuses the page: its token is missing, has run out, or is for another page. */
  | "relay-auth"
  /** The relay could not be reached, or takes nothing at the moment; what answered may be no relay. */
  | "relay-unavailable"
  /** The webhook may have been called: the relay has ended before it heard of it. It does not call it again. */
  | "outcome-unknown"
  /** A template could not be compiled or evaluated. */
  | "template"
  /** The browser refused `play()` until the viewer acts. */
  | "play-blocked"
  /** A fault of Cuehook itself. */
  | "internal";

/** One thing that is wrong in a project document. */
export interface Problem {
  /** The place, such as `elements[3].onClick[0].webhook`; empty for the document itself. */
  path: string;
  /** What was found and what to write instead. */
  message: string;
  /** Line in the template at `path`, or in the document if it is no JSON. */
  line?: number;
  /** Column in characters. */
  column?: number;
}

/** What promises are rejected with and methods throw. `instanceof` holds for errors of another copy of the script, too. */
export class CuehookError extends Error {
  // Only Cuehook makes them.
  private constructor();
  name: "CuehookError";
  code: ErrorCode;
  /** With `config-invalid`: all problems of the document. */
  problems?: Problem[];
}

// ---------------------------------------------------------------------------------------------------------- events

/** What every detail has. */
export interface Detail {
  /** Where the video was, in seconds. */
  mediaTime: number;
}

/** `cuehook:ready`: the first elements are about to appear. Also after `update`. */
export interface ReadyDetail extends Detail {
  /** Ids of the project's webhooks. */
  webhooks: string[];
  /** Ids of the project's elements. */
  elements: string[];
}

/** `cuehook:show`, `cuehook:hide` */
export interface ElementDetail extends Detail {
  /** Id of the element. */
  element: string;
}

/** `cuehook:activate`: the viewer clicked an element, submitted a form or answered a question. `preventDefault()` keeps its actions from running. */
export interface ActivateDetail extends ElementDetail {
  /** Its accessible name; that of the button, if one in its template was pressed. */
  label: string;
  /** Id of the webhook that the button runs (`data-execute-webhook`). */
  webhook?: string;
  /** Name of the list in `actions` that the button runs (`data-action`). */
  action?: string;
  /** If a button was pressed: its `data-param-*` attributes; `data-param-product-id` is `productId`. */
  params?: { [name: string]: string };
  /** If a form was submitted: what was filled in, by the names of its fields. */
  values?: JsonObject;
  /** If a question was answered: the ids of what was chosen. */
  answers?: string[];
}

/** What the events of a request have. */
export interface RequestBase extends Detail {
  /** Number of the request within the session, from 1. */
  requestId: number;
  /** Id of the webhook. */
  webhook: string;
}

/** `cuehook:request`: a request is about to be sent. `preventDefault()` cancels it. */
export interface RequestDetail extends RequestBase {
  url: string;
  /** The header fields. Add or replace entries, such as a short-lived token. */
  headers: Record<string, string>;
  /** The body, JSON text. It is decoded each time it is read, which takes a while with a long log. It cannot be changed. */
  readonly body: string;
}

/** `cuehook:response`: a good response is about to be used. `preventDefault()` keeps it out of the variables. */
export interface ResponseDetail extends RequestBase {
  /** HTTP status. */
  status: number;
  /** The response; null if it brought no data. */
  data: JsonObject | null;
  durationMs: number;
}

/** `cuehook:error` */
export interface ErrorDetail extends Detail {
  code: ErrorCode;
  message: string;
  requestId?: number;
  webhook?: string;
  /** Id of the element that it concerns. */
  element?: string | null;
  /** HTTP status, if there was a response. */
  status?: number;
  /** With `config-invalid`: all problems of the document. */
  problems?: Problem[];
}

/** `cuehook:settled`: a request is over; exactly once for each. */
export interface SettledDetail extends RequestBase {
  outcome: "ok" | ErrorCode;
  attempts: number;
  durationMs: number;
}

/** For whom the video stands still: a request, or an element with `pauseOnAppear`. */
export type Holder = { requestId: number; element?: undefined } | { element: string; requestId?: undefined };

/** `cuehook:pause`: the video was paused for a request or for an element. */
export type PauseDetail = Detail & Holder;

/** Why the video did or did not go on. */
export type ResumeReason =
  | "resumed"
  | "held"
  | "was-paused"
  | "viewer-played"
  | "viewer-paused"
  | "seeked"
  | "source-changed"
  | "removed"
  | "ended"
  | "action-played"
  | "action-paused"
  | "interrupted"
  | "blocked"
  | "failed";

/** `cuehook:resume`: a request or an element has let go of the video. */
export type ResumeDetail = Detail & Holder & { reason: ResumeReason };

/** `cuehook:variablechange` */
export interface VariableChangeDetail extends Detail {
  name: string;
  /** null if there was none. */
  previous: JsonValue;
  value: JsonValue;
}

/** `cuehook:callback`: the action of that name. */
export interface CallbackDetail extends Detail {
  name: string;
  value: JsonValue;
}

/** `cuehook:delivery`: something has become of events that webhooks are sent. */
export interface DeliveryDetail {
  /**
   * `recorded`: they are stored. `delivered`: the receiver has acknowledged them. `retrying`, `paused`: they wait for another
   * attempt. `dead`: the receiver refuses them for good. `lost`: they could not be kept.
   */
  state: "recorded" | "delivered" | "retrying" | "paused" | "dead" | "lost";
  /** Id of the webhook; empty if it is about all. */
  webhook: string;
  /** Ids of the events, as far as they are known. */
  events: string[];
  /** Attempts so far. */
  attempts: number;
  /** HTTP status, if there was a response. */
  status?: number;
  /** Milliseconds until the next attempt, if there will be one. */
  nextMs?: number;
  /** Why, as a word. */
  reason?: string;
}

/** All events. They are `CustomEvent`s on the host, bubbling and composed. */
export interface CuehookEventMap {
  "cuehook:ready": CustomEvent<ReadyDetail>;
  "cuehook:show": CustomEvent<ElementDetail>;
  "cuehook:hide": CustomEvent<ElementDetail>;
  /** Cancelable. */
  "cuehook:activate": CustomEvent<ActivateDetail>;
  /** Cancelable. */
  "cuehook:request": CustomEvent<RequestDetail>;
  /** Cancelable. */
  "cuehook:response": CustomEvent<ResponseDetail>;
  "cuehook:error": CustomEvent<ErrorDetail>;
  "cuehook:settled": CustomEvent<SettledDetail>;
  "cuehook:pause": CustomEvent<PauseDetail>;
  "cuehook:resume": CustomEvent<ResumeDetail>;
  "cuehook:variablechange": CustomEvent<VariableChangeDetail>;
  "cuehook:callback": CustomEvent<CallbackDetail>;
  "cuehook:destroy": CustomEvent<Detail>;
  "cuehook:delivery": CustomEvent<DeliveryDetail>;
}

// ---------------------------------------------------------------------------------------------------------- handle

/** What the viewer has done. */
export interface Interaction {
  /** Number within the session, from 1. */
  seq: number;
  /** UUIDv7. */
  id: string;
  type: string;
  /** Id of the element, if there was one. */
  element?: string | null;
  label?: string;
  mediaTime: number;
  /** RFC 3339. */
  at: string;
  value?: JsonValue;
  /** What it is to those who count. */
  records?: "cta" | "annotation" | "lead" | "answer";
  /** Where a link led. */
  url?: string;
}

/** The variables that templates read and that responses, the author and the page write. */
export interface Variables {
  /** A copy of all variables; an empty object before the instance is ready. */
  get(): JsonObject;
  /** One variable; `undefined` if there is none, and before the instance is ready. */
  get(name: string): JsonValue | undefined;
  /**
   * Sets a variable, now or as soon as the instance is ready.
   * @throws {CuehookError} `config-invalid`: the value has no JSON form, the name means something else in templates, or
   * there are 1,000 variables. What only shows when the instance is ready is reported by `cuehook:error`.
   */
  set(name: string, value: JsonValue): void;
}

/** Who watches, as the page knows. What is said here is sent to every webhook that is sent events. */
export interface Viewer extends JsonObject {
  id?: string;
  name?: string;
  email?: string;
  phone?: string;
}

/** Whether events may be stored and sent. Anything but `granted` counts as `denied`. */
export type Consent = "granted" | "denied";

/** What there is to say of the outbox. Events are counted once for each receiver, those of other pages of the origin included. */
export interface OutboxState {
  /** `durable`: what is recorded survives the page. `volatile`: storage is denied. `none`: there are no events to send. */
  readonly storage: "durable" | "volatile" | "none";
  /** Events that are not acknowledged. */
  readonly waiting: number;
  /** Events that were acknowledged since the page was opened. */
  readonly delivered: number;
  /** Events that a receiver refuses for good. */
  readonly dead: number;
  /** Events that could not be kept. */
  readonly lost: number;
  /** How long the oldest has waited, in milliseconds. */
  readonly oldestMs?: number;
  readonly webhooks: readonly {
    readonly id: string;
    readonly url: string;
    /** How the receiver is doing. */
    readonly state: "open" | "failing" | "paused" | "blocked" | "stopped" | "denied";
    readonly waiting: number;
    /** Milliseconds until the next attempt. */
    readonly nextMs?: number;
  }[];
}

/** The events of an instance, on their way to webhooks that subscribe to them. */
export interface Outbox {
  readonly state: OutboxState;
  /** Sends what waits now. Resolved when nothing is left that can be sent now. */
  flush(): Promise<void>;
  /** Deletes everything that is stored for events, also by other pages of the origin, and forgets what waits. */
  purge(): Promise<void>;
  /**
   * Records an event of the page's own. Resolved with the event's id when it is stored: from then on it is delivered at least once.
   * Rejected with a {@link CuehookError}: `config-invalid` (type or properties are none, or no webhook is sent events), `too-large`
   * (over 32 KiB), `aborted` (consent is denied).
   *
   * @param type a dotted name, such as `cart.added`
   */
  record(type: string, properties?: JsonObject): Promise<string>;
  /** Who watches, from now on. */
  viewer: Viewer | null | undefined;
  /** Denying it deletes what is stored. */
  get consent(): Consent;
  set consent(consent: Consent | null | undefined);
}

/** One instance. */
export interface CuehookHandle {
  /** Gives the handle when the instance works, or the error that keeps it from working. */
  readonly ready: Promise<CuehookHandle>;
  readonly variables: Variables;
  /** Also where nothing is sent: its state says so then. */
  readonly outbox: Outbox;
  /** A copy of what the viewer has done so far. */
  readonly interactions: Interaction[];
  /**
   * Runs a webhook. Gives its response, null if it brought no data.
   * Rejected with a {@link CuehookError}.
   */
  execute(id: string, params?: JsonObject | null): Promise<JsonObject | null>;
  /**
   * Takes another project: the document, its text, or its address. Variables and interactions stay.
   * Rejected with `config-invalid` if it has problems; the old project goes on then. Before the instance is ready, it
   * starts with this project. Rejected with `aborted` after `destroy()`.
   */
  update(project: Project | string | URL): Promise<void>;
  /** Removes everything from the page, aborts requests, lets the video go on. Calling it again does nothing. */
  destroy(): void;
  /** Whether a fault of Cuehook has stopped it. All else throws then, or is rejected: attach again. */
  readonly failed: boolean;
}

/** The subset of HTMLMediaElement that a media object needs. */
export interface MediaLike extends EventTarget {
  currentTime: number;
  readonly duration: number;
  readonly paused: boolean;
  readonly ended: boolean;
  readonly seeking?: boolean;
  playbackRate?: number;
  muted?: boolean;
  /** Natural size of the picture; without it the picture is taken to fill the box. */
  readonly videoWidth?: number;
  readonly videoHeight?: number;
  play(): Promise<void> | void;
  pause(): void;
}

/**
 * Says which parts of a player have which role. Only `media` is needed: what is not said is found out. `cuehook/players/*`
 * have adapters of some players; docs/players.md tells how to write one.
 */
export interface Adapter {
  /** The media element: it is played, paused, and asked for the time. Read again after `onReplace`. */
  readonly media: MediaLike;
  /** What shows the picture, a native video in most cases: overlays are placed by its box. */
  readonly picture?: Element;
  /** Puts the stage somewhere, above the picture and under the controls. Called again when the stage is not there any more. */
  mount?(stage: HTMLElement): void;
  /**
   * Calls `callback` whenever the player uses another media element, or with null while it has none. Returns what ends
   * that, or nothing.
   */
  onReplace?(callback: (media: MediaLike | null) => void): (() => void) | void;
}

/** Options of {@link attach}. */
export interface AttachOptions {
  /** Origins to which webhooks may post, such as `https://shop.example`; all, if absent. */
  allowOrigins?: string[];
  /**
   * Gets the events, and the overlays if the media object is no element. If the media element goes, another one is looked
   * for in here. If absent, the media element itself gets the events, and another one is looked for in its player.
   */
  host?: Element;
  /**
   * `"full"` loads the build of the module for documents with `"expressions": "full"`, and starts at once. Without it
   * such a document loads that build after the default one.
   */
  expressions?: "default" | "full";
  /**
   * What viewers may set for themselves, besides what the project offers in its `viewerOptions`: to pause the video
   * whenever something appears, and a list of all interactions.
   */
  viewerOptions?: ("pause" | "list")[];
  /** Webhooks beneath those of the project: a defaults document, its text, or its address. It goes before the project's own `defaults`. */
  defaults?: Defaults | string | URL;
  /** Who watches. */
  viewer?: Viewer | null;
  /** Whether events may be stored and sent; `granted` if it is left out. */
  consent?: Consent;
  /** Where the relay is that webhooks with a `relay` go to, such as `https://relay.example`. It may have a path. */
  relay?: string | URL;
  /** What the relay is shown: a token, or what gives one. */
  relayToken?: RelayToken;
}

/**
 * A token of a relay; or a function that gives one, or a promise of one. It is called when a token is needed first, and again
 * whenever the relay has refused the last one.
 */
export type RelayToken = string | (() => string | Promise<string>);

/**
 * Lays a project over a media element, without the custom element.
 *
 * The overlays lie above the picture and under the player's controls, wherever that is in the player. What they are
 * positioned in should be positioned itself (`position: relative`), as players are.
 * Rejected with a {@link CuehookError}; the media element is not touched then.
 *
 * @param player a media element, an element that holds one, an {@link Adapter}, or a player object that is known
 * (docs/players.md)
 * @param project the document, its text, or its address
 */
export function attach(
  player: MediaLike | Element | Adapter | object,
  project: Project | string | URL,
  options?: AttachOptions,
): Promise<CuehookHandle>;

// --------------------------------------------------------------------------------------------------------- element

/**
 * `<cue-hook>`: lays a project over the media element inside it.
 *
 * Attributes: `src` (address of the project, unless the property `project` is set), `for` (id of the media element, instead of wrapping it),
 * `allow-origins` (origins to which webhooks may post, separated by blanks), `expressions` (`full` loads the build for
 * documents with `"expressions": "full"`), `fullscreen-label` (accessible name of the fullscreen button, which replaces
 * that of native controls: only the whole element can show overlays), `viewer-options` (what viewers may set for themselves: `pause`,
 * `list`, separated by blanks), `defaults` (address of a defaults document), `consent` (`denied`: no event is stored or sent), `relay` (where the
 * relay is), `relay-token` (what it is shown). A
 * `<script type="application/json">` inside may hold the project instead of `src`.
 * It reflects its state as attributes: `ready`, `busy`, `error` (the code), `full-window`.
 */
export class CueHook extends HTMLElement {
  /**
   * The project: the document, its text, or its address; null if there is none, or none yet. It goes before `src` and a
   * data block inside. Setting another one is an update; setting an equal one does nothing. Set back to null, the element
   * starts anew with `src` or the data block, or waits.
   */
  get project(): Project | string | URL | null;
  set project(project: Project | string | URL | null | undefined);
  /** Who watches, as the page knows: events say it. */
  get viewer(): Viewer | null | undefined;
  set viewer(viewer: Viewer | null | undefined);
  /** Whether events may be stored and sent; the attribute of that name. Denying it deletes what is stored. */
  get consent(): Consent;
  set consent(consent: Consent | null | undefined);
  /** What the relay is shown: a token, or what gives one. It goes before the attribute `relay-token`. */
  get relayToken(): RelayToken | null | undefined;
  set relayToken(token: RelayToken | null | undefined);
  /** The handle, once media element and project are known. */
  readonly handle: CuehookHandle | undefined;
  /** Gives the handle when the instance works. */
  readonly ready: Promise<CuehookHandle>;
  /** Runs a webhook as soon as the instance is ready. */
  execute(id: string, params?: JsonObject | null): Promise<JsonObject | null>;

  addEventListener<K extends keyof CuehookEventMap>(
    type: K,
    listener: (this: CueHook, event: CuehookEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener<K extends keyof HTMLElementEventMap>(
    type: K,
    listener: (this: CueHook, event: HTMLElementEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

/** The namespace that scripts without imports use; also `globalThis.Cuehook`. */
export interface CuehookNamespace {
  attach: typeof attach;
  CuehookError: typeof CuehookError;
  /**
   * Address of the default build's `.wasm` file, if it does not lie in `dist/` beside this file. May be set before the
   * script runs:
   * `globalThis.Cuehook = { wasmUrl: "/assets/cuehook.wasm" }`.
   */
  wasmUrl: string | URL | undefined;
  /** The same for the build that `expressions: "full"` chooses, if it does not lie in `dist/full/`. */
  fullWasmUrl: string | URL | undefined;
  /** Address of the outbox's module, if it is not `dist/outbox/cuehook_bg.wasm` beside this script. */
  outboxUrl: string | URL | undefined;
  /** The same for the outbox with the formats of other systems, `dist/outbox-formats/cuehook_bg.wasm`. */
  outboxFormatsUrl: string | URL | undefined;
}

export const Cuehook: CuehookNamespace;
export default Cuehook;

declare global {
  interface HTMLElementTagNameMap {
    "cue-hook": CueHook;
  }
  interface HTMLElementEventMap extends CuehookEventMap {}
  interface DocumentEventMap extends CuehookEventMap {}
  // eslint-disable-next-line no-var
  var Cuehook: CuehookNamespace | Partial<Omit<CuehookNamespace, "attach" | "CuehookError">> | undefined;
}

// ------------------------------------------------------------------------------------------------------ frameworks

/** What frameworks may give to `<cue-hook>` besides what any element has. */
export interface CueHookAttributes {
  project?: Project | string | URL | null | undefined;
  src?: string | undefined;
  for?: string | undefined;
  "allow-origins"?: string | undefined;
  expressions?: "default" | "full" | undefined;
  "fullscreen-label"?: string | undefined;
  "viewer-options"?: string | undefined;
  defaults?: string | undefined;
  viewer?: Viewer | null | undefined;
  consent?: Consent | undefined;
}

/** Listeners as React and Svelte take them: `oncuehook:ready` and so on. */
export type CueHookListeners = {
  [Name in keyof CuehookEventMap as `on${Name}`]?: ((event: CuehookEventMap[Name]) => void) | undefined;
};

/** Listeners as Vue takes them: `@cuehook:ready` in a template is `onCuehook:ready`. */
export type CueHookVueListeners = {
  [Name in keyof CuehookEventMap as `on${Capitalize<Name>}`]?: ((event: CuehookEventMap[Name]) => void) | undefined;
};

// Whoever has none of these frameworks has no such modules, and needs none of this.

// @ts-ignore
declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      // @ts-ignore
      "cue-hook": DetailedHTMLProps<HTMLAttributes<CueHook>, CueHook> & CueHookAttributes & CueHookListeners;
    }
  }
}

// @ts-ignore
declare module "vue" {
  interface GlobalComponents {
    // @ts-ignore
    "cue-hook": new () => { $props: import("vue").HTMLAttributes & CueHookAttributes & CueHookVueListeners };
  }
}

// @ts-ignore
declare module "svelte/elements" {
  interface SvelteHTMLElements {
    // @ts-ignore
    "cue-hook": HTMLAttributes<CueHook> & CueHookAttributes & CueHookListeners;
  }
}
