// Forms and questions: native controls, with what we say instead of the browser's bubbles. A question is a form with one
// field. Whatever is typed stays here until it is submitted; the engine is handed it once, as text.

/** The most characters of a text. */
const LONGEST = 10_000;
/** The most characters of all texts of a form that are kept for a reload. */
const MOST_KEPT = 200_000;
/** How long after a key what was typed is written down. */
const KEPT_AFTER_MS = 400;
/** What players and pages listen to besides clicks and keys, which the stage stops. */
const TYPING = ["beforeinput", "input", "change", "paste", "copy", "cut", "reset"];
const INPUT_MODES = { email: "email", tel: "tel", number: "decimal" };
const IS_DAY = /^\d{4}-\d\d-\d\d$/;

/** All forms and questions of a stage. */
export class Entries {
  /** Unlike that of any other stage of the page. */
  #prefix = `cuehook-${Math.random().toString(36).slice(2)}`;
  #count = 0;
  /** By the id of the element. */
  #entries = new Map();
  #before = this.#entries;
  #keep = () => this.#entries.forEach((entry) => entry.keep());

  /** All of them are about to be built anew. */
  renew() {
    this.#keep();
    this.#before = this.#entries;
    this.#entries = new Map();
  }

  /** Builds what `text` describes inside `box`; see `description` in entries.rs. */
  make(box, text) {
    const plan = JSON.parse(text);
    plan.store = plan.remember && (plan.video || location.pathname);
    if (this.#count === 0) addEventListener("pagehide", this.#keep);
    const entry = new Entry(box, plan, `${this.#prefix}-${++this.#count}`);
    entry.fill(this.#before.get(plan.id)?.values() ?? entry.kept());
    this.#entries.set(plan.id, entry);
    return entry;
  }

  /** The stage is about to go. */
  end() {
    this.#keep();
    if (this.#count > 0) removeEventListener("pagehide", this.#keep);
  }
}

class Entry {
  #plan;
  #box;
  #form;
  #fields;
  #button;
  /** What the button says as long as it submits. */
  #action;
  #remark;
  /** The field that only programs fill in. */
  #trap;
  /** In the order in which the engine hands them over. */
  #slots = [];
  #isLocked = false;
  #continues = false;
  /** What is in the fields has reached its aim. */
  #isForgotten = false;
  #timer;

  constructor(box, plan, prefix) {
    this.#plan = plan;
    this.#box = box;
    const { fields, hasSubmit, isQuestion, isLead, words } = plan;
    // The engine has the text of a question before that of its button.
    const question = isQuestion && this.#slot();
    this.#action = hasSubmit ? this.#slot() : words[isQuestion ? "answer" : "submit"];
    this.#fields = fields.map((field, place) => this.#field(field, question || this.#slot(), `${prefix}-${place}`));
    this.#button = this.#make("button", "cuehook-button cuehook-submit", this.#action);
    this.#remark = this.#make("p", "cuehook-remark");
    const foot = this.#make("div", "cuehook-foot", this.#button, this.#remark);
    this.#form = this.#make("form", "cuehook-entry", ...this.#fields.map(({ whole }) => whole), foot);
    this.#form.noValidate = this.#remark.hidden = true;
    if (isLead) {
      this.#trap = this.#make("input", "");
      attributes(this.#trap, { name: "website", tabindex: -1, autocomplete: "off", "aria-hidden": true });
      const nowhere = { position: "absolute", opacity: 0, clipPath: "inset(50%)", pointerEvents: "none" };
      const tiny = { minWidth: 0, minHeight: 0, width: "1px", height: "1px", padding: 0, border: 0 };
      Object.assign(this.#trap.style, nowhere, tiny);
      foot.append(this.#trap);
    }
    box.append(this.#form);
    for (const name of TYPING) box.addEventListener(name, (event) => this.#typed(event));
    // The stage asks for what was entered. Nothing leads away from the page, also when nobody asks.
    box.addEventListener("submit", (event) => event.preventDefault());
    box.addEventListener("click", (event) => {
      if (this.#isLocked && event.target.localName === "input") event.preventDefault();
    });
    if (isQuestion) box.addEventListener("keydown", (event) => this.#choose(event));
  }

  #make(name, className, ...children) {
    const made = this.#box.ownerDocument.createElement(name);
    made.className = className;
    made.append(...children);
    return made;
  }

  #slot() {
    const slot = this.#box.ownerDocument.createTextNode("");
    this.#slots.push(slot);
    return slot;
  }

  #field(field, text, id) {
    const { kind, options = [], feedback, required, hasHint } = field;
    const isGroup = kind === "radio" || kind === "multiple";
    const label = this.#make(isGroup ? "legend" : "label", "cuehook-label", text);
    if (!required && kind !== "checkbox") {
      label.append(" ", this.#make("small", "cuehook-optional", this.#plan.words.optional));
    }
    const hint = hasHint ? [this.#make("p", "cuehook-help", this.#slot())] : [];
    const fault = this.#make("p", "cuehook-fault");
    fault.hidden = true;
    const parts = isGroup
      ? options.map((_, place) => this.#option(field, feedback?.[place], `${id}-${place}`, id))
      : [{ control: this.#control(field, id) }];
    const controls = parts.map(({ control }) => control);
    const shown = parts.map(({ whole, control }) => whole ?? control);
    // A box to tick stands before its label.
    const head = kind === "checkbox" ? [this.#make("div", "cuehook-tick", ...shown, label), ...hint] : [label, ...hint, ...shown];
    const whole = this.#make(isGroup ? "fieldset" : "div", "cuehook-field", ...head, fault);
    for (const [place, node] of [label, fault, ...hint].entries()) node.id = `${id}-${"lfh"[place]}`;
    const owner = isGroup ? whole : controls[0];
    attributes(label, { for: !isGroup && id, tabindex: isGroup && -1 });
    if (kind === "radio") attributes(whole, { role: "radiogroup", "aria-labelledby": label.id, "aria-required": required });
    attributes(owner, { "aria-describedby": hint[0]?.id });
    // Only what may be invalid can say so.
    const invalid = kind === "multiple" ? controls : [owner];
    return { ...field, whole, label, controls, notes: parts.map(({ note }) => note), hint: hint[0], fault, owner, invalid };
  }

  /** A control that stands alone. */
  #control({ kind, options, required, autocomplete, min, max, pattern }, id) {
    const name = { textarea: "textarea", select: "select" }[kind] ?? "input";
    const control = this.#make(name, kind === "checkbox" ? "cuehook-check" : "cuehook-input");
    const isText = name === "textarea" || ["text", "email", "tel"].includes(kind);
    attributes(control, { id, required, autocomplete, min, max, pattern, inputmode: INPUT_MODES[kind] });
    attributes(control, { type: name === "input" && kind, maxlength: isText && LONGEST, step: kind === "number" && "any" });
    if (name === "textarea") control.rows = 3;
    if (name === "select") {
      const choices = ["–", ...options.map(() => this.#slot())].map((text) => this.#make("option", "", text));
      choices.forEach((option, place) => (option.value = place || ""));
      control.append(...choices);
    }
    return control;
  }

  /** One choice of several, and what is said of it. */
  #option({ kind, required }, hasFeedback, id, group) {
    const control = this.#make("input", "cuehook-check");
    const isRadio = kind === "radio";
    attributes(control, { type: isRadio ? "radio" : "checkbox", id, name: group, required: isRadio && required });
    const choice = this.#make("label", "cuehook-choice", control, this.#make("span", "", this.#slot()));
    if (!this.#plan.isQuestion) return { control, whole: choice };
    const mark = this.#make("b", "cuehook-mark");
    const feedback = this.#make("span", "", hasFeedback ? this.#slot() : "");
    const note = this.#make("p", "cuehook-note", mark, " ", feedback);
    note.id = `${id}-note`;
    note.hidden = true;
    const whole = this.#make("div", "cuehook-answer", choice, note);
    return { control, whole, note: { whole, node: note, mark, feedback } };
  }

  /** What the viewer does with a control concerns neither players nor pages. */
  #typed(event) {
    event.stopPropagation();
    if (event.type !== "input" && event.type !== "change") return;
    this.#isForgotten = false;
    if (this.#plan.store) this.#timer ??= setTimeout(() => this.keep(), KEPT_AFTER_MS);
    const field = this.#fields.find(({ controls }) => controls.includes(event.target));
    if (field && !field.fault.hidden) this.#say(field, this.#faultOf(field));
  }

  /** A number key chooses. */
  #choose(event) {
    const control = this.#fields[0].controls[Number(event.key) - 1];
    if (!control || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    event.preventDefault();
    control.focus();
    control.click();
  }

  /** What is wrong with a field, in words. */
  #faultOf(field) {
    const { kind, required, min, max, controls } = field;
    const { words } = this.#plan;
    const { validity } = controls[0];
    const value = valueOf(field);
    const limited = (word) => {
      const limit = kind === "date" ? new Date(`${field[word]}T00:00`).toLocaleDateString() : field[word];
      return words[word].replace(/\$\{\w+\}/, () => limit);
    };
    if (validity.badInput) return words[kind];
    if (value === null || value === false || value.length === 0 || (typeof value === "string" && !value.trim())) {
      return required ? words[controls[0].matches(".cuehook-check,select") ? "choose" : "required"] : "";
    }
    if (validity.typeMismatch) return words.email;
    if (kind === "date" && !IS_DAY.test(value)) return words.date;
    if (validity.patternMismatch) return words.pattern;
    const [least, most] = kind === "date" ? [min, max] : [min && Number(min), max && Number(max)];
    if (value < least) return limited("min");
    return value > most ? limited("max") : "";
  }

  /** Says under a field what is wrong with it; nothing if that is empty. */
  #say({ hint, fault, owner, invalid }, text) {
    if (fault.textContent === text) return;
    fault.textContent = text;
    fault.hidden = !text;
    // Who is in the field already does not come to it, and would hear nothing.
    attributes(fault, { role: text && this.#active() === invalid[0] && "alert" });
    attributes(owner, { "aria-describedby": [hint?.id, text && fault.id].filter(Boolean).join(" ") });
    for (const node of invalid) {
      attributes(node, { "aria-invalid": text && true, "aria-errormessage": text && fault.id });
    }
  }

  #active() {
    return this.#box.getRootNode().activeElement;
  }

  /** By which control the viewer submits: what has focus, or else the button. */
  actor() {
    const active = this.#active();
    return active && this.#box.contains(active) ? active : this.#button;
  }

  /** What the viewer has entered, as JSON text; nothing if something is wrong with it, which is said then. */
  outcome() {
    if (this.#isLocked) return this.#continues ? "{}" : undefined;
    const wrong = this.#fields.filter((field) => {
      this.#say(field, this.#faultOf(field));
      return !field.fault.hidden;
    });
    if (wrong.length > 0) {
      const [{ whole, controls }] = wrong;
      (controls.find(({ checked }) => checked) ?? controls[0]).focus();
      whole.scrollIntoView({ block: "nearest" });
      return undefined;
    }
    if (this.#plan.isQuestion) {
      const chosen = this.#fields[0].controls.map((control, place) => (control.checked ? place : -1));
      return JSON.stringify({ chosen: chosen.filter((place) => place >= 0) });
    }
    return JSON.stringify({ values: [...this.values()], trapped: Boolean(this.#trap?.value) });
  }

  /** By name. */
  values() {
    return new Map(this.#fields.map((field) => [field.name, valueOf(field)]));
  }

  /** Fills fields in with values by name. */
  fill(values) {
    for (const field of this.#fields) {
      const { kind, options, controls } = field;
      const [control] = controls;
      const value = values.get(field.name);
      if (value === undefined) continue;
      if (kind === "checkbox") control.checked = value === true;
      else if (kind === "select") control.selectedIndex = options.indexOf(value) + 1;
      else if (options) controls.forEach((it, place) => (it.checked = [value].flat().includes(options[place])));
      else control.value = value ?? "";
    }
  }

  #key() {
    return `cuehook:${this.#plan.store}:${this.#plan.id}`;
  }

  /** What was typed before the page was loaded again. */
  kept() {
    // Storage may be forbidden, and the page may write there what it likes.
    try {
      return new Map(this.#plan.store ? JSON.parse(sessionStorage.getItem(this.#key())) : []);
    } catch {
      return new Map();
    }
  }

  /** Writes down what was typed, if that has not been done. */
  keep() {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      const text = JSON.stringify([...this.values()]);
      if (text.length <= MOST_KEPT) sessionStorage.setItem(this.#key(), text);
    } catch {}
  }

  /** What was typed has reached its aim. It can be read until the form is hidden. */
  forget() {
    this.#isForgotten = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      if (this.#plan.store) sessionStorage.removeItem(this.#key());
    } catch {}
  }

  /** It has been hidden. */
  hidden() {
    if (!this.#isForgotten) return;
    this.#isForgotten = false;
    this.#form.reset();
    for (const field of this.#fields) this.#say(field, "");
    this.remark("");
  }

  texts(texts) {
    texts.forEach((text, place) => (this.#slots[place].data = text));
  }

  /** Names the whole. */
  label(text) {
    attributes(this.#form, { "aria-label": text });
  }

  /** What was submitted is under way, or no longer. */
  busy(isBusy) {
    attributes(this.#button, { "aria-busy": isBusy, "aria-disabled": isBusy });
  }

  /** Says something beside the button. */
  remark(text) {
    this.#remark.textContent = text;
    this.#remark.hidden = !text;
    // What fills in forms for people may have filled in the trap.
    if (this.#trap) this.#trap.value = "";
  }

  /** What became of an answer. */
  verdict(text) {
    const { marks, feedback, chosen, isOpen, continues, remark } = JSON.parse(text);
    const { words } = this.#plan;
    const [field] = this.#fields;
    this.#isLocked = !isOpen;
    this.#continues = continues;
    this.#say(field, "");
    field.controls.forEach((control, place) => {
      const { whole, node, mark, feedback: said } = field.notes[place];
      control.checked = chosen.includes(place);
      mark.textContent = words[marks[place]] ?? "";
      said.hidden = !feedback[place];
      node.hidden = !marks[place] && !feedback[place];
      attributes(whole, { "data-mark": marks[place] });
      attributes(control, { "aria-disabled": !isOpen, "aria-describedby": !node.hidden && node.id });
    });
    this.#button.replaceChildren(continues ? words.resume : this.#action);
    const isOver = !isOpen && !continues;
    // Focus does not vanish with the button: what there is to read begins with the question.
    if (isOver && this.#active() === this.#button) field.label.focus();
    this.#button.hidden = isOver;
    this.remark(remark);
    // In a small box the button is far below.
    field.notes[chosen[0]]?.whole.scrollIntoView({ block: "nearest" });
  }
}

/** Sets attributes, and takes those away that have no value. */
function attributes(node, values) {
  for (const [name, value] of Object.entries(values)) {
    if (value || value === 0) node.setAttribute(name, value === true && !name.startsWith("aria-") ? "" : value);
    else node.removeAttribute(name);
  }
}

/** What is filled in; null for nothing. Of several choices a list. */
function valueOf({ kind, options, controls }) {
  const [control] = controls;
  const chosen = options?.filter((_, place) => controls[place]?.checked);
  if (kind === "checkbox") return control.checked;
  if (kind === "select") return options[control.selectedIndex - 1] ?? null;
  if (kind === "radio") return chosen[0] ?? null;
  if (kind === "multiple") return chosen;
  if (kind === "number") return control.value === "" ? null : Number(control.value);
  return control.value.slice(0, LONGEST) || null;
}
