/**
 * What is in documents of Cuehook. `cuehook` exports these types, too.
 */

// ---------------------------------------------------------------------------------------------------------- values

/** What JSON can say. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

/** An object of JSON values. */
export interface JsonObject {
  [key: string]: JsonValue;
}

// --------------------------------------------------------------------------------------------------------- project

/** Seconds, or `"HH:MM:SS.mmm"`. */
export type Time = number | string;

/** The project document, format version 1. `cuehook/schema.json` is its JSON Schema. */
export interface Project {
  $schema?: string;
  /** Format version. */
  cuehook: 1;
  /** `"full"`: expressions are whatever minijinja reads. It takes a larger build of the module. */
  expressions?: "default" | "full";
  /** Where a defaults document is: what it says of webhooks holds where this document does not say it. */
  defaults?: string;
  /** What is said of the video in requests and events. */
  video?: Video;
  /** Variables that exist from the start. */
  variables?: JsonObject;
  /** Webhooks that actions refer to. */
  webhooks?: Webhook[];
  /** Areas and overlays; later ones lie above earlier ones. */
  elements?: ProjectElement[];
  /** What Cuehook itself says to the viewer, to translate it. */
  words?: Partial<Words>;
  /** What viewers may set for themselves, with a small button over the video. */
  viewerOptions?: ("pause" | "list")[];
}

/** What is said of the video: `id` and `title` in requests, all of it in events. */
export interface Video {
  id: string;
  title?: string;
  /** Its number in another system. */
  number?: number;
  /** A picture of it. */
  thumbnail?: string;
  /** Where it can be downloaded. */
  downloadUrl?: string;
  /** Where people watch it. */
  shareUrl?: string;
  /** What other pages embed. */
  embedUrl?: string;
}

/** What an account says of webhooks, for all its documents. */
export interface Defaults {
  $schema?: string;
  cuehook: 1;
  /** By `id`; fields of the document take precedence. */
  webhooks: (Partial<Webhook> & { id: string })[];
}

/** An endpoint that actions call, and that is sent events. */
export interface Webhook {
  id: string;
  /** Name for people. */
  name?: string;
  /** Where to POST; relative URLs are relative to the page. Required, unless there is a `relay`, or the defaults give it. */
  url?: string;
  /** Instead of `url`: the id by which the page's relay knows the webhook. Then no `headers`, `simple`, `retries`, `format`, `batch`. */
  relay?: string;
  /** Added to each request. Everybody who can see the page can read them. */
  headers?: { name: string; value: string }[];
  /** Pause the video until the response is in. Without it as the relay says. */
  waitForResponse?: boolean;
  /** Which recorded interactions the body carries. Without it as the relay says. */
  includeInteractions?: "none" | "all" | string[];
  /**
   * Which variables the body carries. Without this those that the project, the page and actions wrote, and those that
   * this webhook's own origin answered.
   */
  includeContext?: "own" | "none" | "all" | string[];
  /** How much of the page's address the body carries: origin and path, query and fragment too, or nothing. */
  page?: "path" | "full" | "none";
  /** Total time for all attempts including the body, in milliseconds. */
  timeoutMs?: number;
  /** How often a failed attempt is repeated. */
  retries?: number;
  /** What a second trigger does while a request is running. */
  whileRunning?: "drop" | "replace" | "queue";
  /** Send `text/plain` without custom headers, which needs no CORS preflight. */
  simple?: boolean;
  /** Ask again after a reload or a crash: the same id and bytes, until there is an answer. */
  survive?: boolean;
  /** Events that it is sent without any click: types, beginnings such as `lead.*`, or `*`. */
  events?: string[];
  /** How these events look. */
  format?: "cuehook" | "cloudevents" | "xapi" | "hippo" | "mindstamp";
  /** Send several events in one request. */
  batch?: boolean;
  /** Switches its events off, such as in defaults that a document may switch on. */
  enabled?: boolean;
}

/** A rectangle in percent of the picture. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** What all elements have. */
export interface ElementBase {
  id: string;
  /** Accessible name, a template. Required on areas and on whatever can be clicked. */
  label?: string;
  /** First second in which it is there. */
  from?: Time;
  /** Second from which it is gone. */
  to?: Time;
  /** Instead of `from` and `to`: the id of a cue of the video's `<track kind="metadata">` or `<track kind="chapters">`. */
  cue?: string;
  /** Whether it starts shown; the actions `show` and `hide` change that. */
  visible?: boolean;
  onAppear?: Action[];
  onDisappear?: Action[];
}

/** What all elements have that are seen. */
export interface SeenElement extends ElementBase {
  box: Box;
  /** Whether the video is paused when it appears, until it is clicked, submitted, answered, dismissed or hidden. */
  pauseOnAppear?: boolean;
  /** Whether screen readers say that it has appeared, and what a response brought in it. */
  announce?: boolean;
}

/** What a box has that is no area. */
export interface OverlayElement extends SeenElement {
  /** Whether it is a dialog that keeps focus until it is dismissed or hidden. */
  modal?: boolean;
}

/** Where a moving area is at one time. */
export interface Keyframe {
  at: Time;
  box: Box;
}

/** A clickable rectangle over something that was filmed. It stays in its `box`, or moves along its `path`. */
export type AreaElement = AreaFields & ({ box: Box } | { path: Keyframe[] });

/** What areas have. */
export interface AreaFields extends Omit<SeenElement, "box"> {
  kind: "area";
  label: string;
  box?: Box;
  onClick?: Action[];
  /** How it shows that it is there. */
  look?: "pulse" | "dot" | "frame" | "label" | "none";
  /** An inline `<svg>` without placeholders that stands in its middle instead of the dot. */
  icon?: string;
  /** Where it is when: it moves in a straight line from one place to the next. */
  path?: Keyframe[];
  /** What a click on it is to those who count. */
  records?: "cta" | "annotation";
}

/** HTML with placeholders such as `${discountCode! -}`. */
export interface HtmlElement extends OverlayElement {
  kind: "html";
  source: string;
  onClick?: Action[];
  /** What happens while a placeholder without default has no value. */
  whenMissing?: "hide" | "empty";
  /** Lists of actions by name: `<button data-action="name">` in `source` runs one. */
  actions?: { [name: string]: Action[] };
}

/** Fields that the viewer fills in. What was submitted last is `forms.<id>.<name>` in templates. */
export interface FormElement extends OverlayElement {
  kind: "form";
  fields: Field[];
  /** The button that submits, a template. */
  submit?: string;
  /** What a submission is to those who count. */
  records?: "lead" | "answer";
  /** Whether what was typed is still there after the page was loaded again in the same tab. */
  remember?: boolean;
  onSubmit?: Action[];
}

/** One field of a form. */
export interface Field {
  /** Name of its value: `forms.<id>.<name>`. */
  name: string;
  type?: "text" | "email" | "tel" | "number" | "date" | "textarea" | "select" | "radio" | "checkbox";
  label: string;
  /** A sentence that helps to fill it in. */
  hint?: string;
  required?: boolean;
  /** What the browser may fill in, such as `given-name` or `email`. */
  autocomplete?: string;
  /** What can be chosen, of `select` and `radio`. A text is both value and label. */
  options?: (FieldOption | string)[];
  /** The least number, or the earliest date as `YYYY-MM-DD`. */
  min?: number | string;
  /** The greatest number, or the latest date as `YYYY-MM-DD`. */
  max?: number | string;
  /** A regular expression that the whole text must match. */
  pattern?: string;
}

/** Something that can be chosen in a field. */
export interface FieldOption {
  value: string;
  label: string;
}

/** A question with choices. Its outcome is `questions.<id>` in templates. */
export interface QuestionElement extends OverlayElement {
  kind: "question";
  text: string;
  /** If none is `correct`, it is a survey, and no answer is right or wrong. */
  choices: Choice[];
  /** Whether several can be chosen. */
  multiple?: boolean;
  /** How often the viewer may answer until it is right. */
  attempts?: number;
  /** The button that answers, a template. */
  submit?: string;
  onAnswer?: Action[];
  onCorrect?: Action[];
  onWrong?: Action[];
}

/** Something that can be chosen. */
export interface Choice {
  id: string;
  label: string;
  correct?: boolean;
  /** Shown to whoever has chosen it. */
  feedback?: string;
}

/** Nothing that is seen: runs actions when something becomes true. */
export interface ConditionElement extends ElementBase {
  kind: "condition";
  /** An expression, such as `user.userName == 'john.doe'`. */
  when: string;
  onTrue?: Action[];
  onFalse?: Action[];
}

export type ProjectElement = AreaElement | HtmlElement | FormElement | QuestionElement | ConditionElement;

/** Something that a trigger does. Text values are templates. */
export type Action =
  | { do: "executeWebhook"; webhook: string; params?: JsonObject; onError?: Action[] }
  | { do: "play" }
  | { do: "pause" }
  | { do: "seek"; to: Time }
  | { do: "rate"; rate: number }
  | { do: "mute" }
  | { do: "unmute" }
  | { do: "show"; element: string }
  | { do: "hide"; element: string }
  | { do: "setVariable"; name: string; value: JsonValue }
  | { do: "if"; when: string; then?: Action[]; else?: Action[] }
  | { do: "openUrl"; url: string; newTab?: boolean }
  | { do: "callback"; name: string; value?: JsonValue };

/** What Cuehook itself says to the viewer. */
export interface Words {
  /** While a response is awaited. */
  waiting: string;
  /** Said when the response is in and shows nothing. */
  done: string;
  /** Button that gives up waiting. */
  cancel: string;
  /** Shown when there was no connection. */
  network: string;
  /** Shown when there was no response in time. */
  timeout: string;
  /** Shown for every other failure. */
  failed: string;
  /** Button that tries again. */
  retry: string;
  /** Button that closes a message or a list. */
  dismiss: string;
  /** Shown when the browser refused to go on playing. */
  blocked: string;
  /** Button that goes on playing. */
  resume: string;
  /** Said when several things appear; `${count}` is how many. */
  appeared: string;
  /** Said when the video was paused for what has appeared. */
  paused: string;
  /** Button that submits a form. */
  submit: string;
  /** Beside the label of a field that may stay empty. */
  optional: string;
  /** At a field that must be filled in and is empty. */
  required: string;
  /** At a list or a question of which nothing is chosen. */
  choose: string;
  /** At a field that does not hold an e-mail address. */
  email: string;
  /** At a field that does not hold a number. */
  number: string;
  /** At a field that does not hold a day. */
  date: string;
  /** At a number or a day that is too small; `${limit}` is the least. */
  min: string;
  /** At a number or a day that is too large; `${limit}` is the greatest. */
  max: string;
  /** At a text that has not the form that is asked for. */
  pattern: string;
  /** Shown when a form was submitted faster than people do. */
  again: string;
  /** Button that answers a question. */
  answer: string;
  /** At a choice that is right. */
  correct: string;
  /** At a choice that is wrong. */
  wrong: string;
  /** At a right choice that was not chosen, when there are no attempts left. */
  solution: string;
  /** How often a question may still be answered; `${count}` is the number. */
  attempts: string;
  /** The button that opens the viewer's settings, and the title of what it opens. */
  interactions: string;
  /** The setting that pauses the video whenever something appears. */
  pauseAlways: string;
  /** The button that shows everything in fullscreen. */
  fullscreen: string;
  /** The same beside a player's own fullscreen button. */
  interactiveFullscreen: string;
  /** The button that leaves fullscreen. */
  exitFullscreen: string;
}
