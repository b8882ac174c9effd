// The nodes of a template. In one call from the module to here all changes are made: calls, strings and references that
// cross the border one by one would take longer than what the browser does.

/** What `patch` is told; see `encode` in plan.rs. */
const [SET, BUILD, INSERT, MOVE, REMOVE] = [0, 1, 2, 3, 4];
/** Steps of the walk to the places in a copy; see `Step` in plan.rs. */
const [DOWN, UP, NEXT, SLOT, REGION] = [0, 1, 2, 3, 4];
const ABSENT = 0xffff_ffff;

export class Instances {
  #document;
  #prototypes = [];
  #instances = [];

  constructor(document) {
    this.#document = document;
  }

  /** `kinds`: of each slot null for a text, a name for an attribute, a pair of name and priority for a style. */
  addPrototype(block, content, isSingle, walk, kinds) {
    this.#prototypes[block] = { content, isSingle, walk, kinds };
  }

  /** Appends an instance to a parent. */
  append(number, parent) {
    parent.append(this.#instances[number].content);
  }

  /** Carries out changes, which are read in the module's memory; `text` is all their texts, one after the other. */
  patch(changes, text) {
    for (let at = 0, read = 0; at < changes.length; ) {
      const instance = changes[at + 1];
      // A change that fails, which none should, leaves the others right.
      try {
        switch (changes[at]) {
          case SET: {
            at += 4;
            const slot = changes[at - 2];
            const length = changes[at - 1];
            const value = length === ABSENT ? null : text.slice(read, (read += length));
            const { slots, kinds } = this.#instances[instance];
            set(slots[slot], kinds[slot], value);
            break;
          }
          case BUILD:
            at += 3;
            this.#build(instance, changes[at - 1]);
            break;
          case INSERT:
            at += 5;
            this.#place(changes, at).before(this.#instances[instance].content);
            break;
          case MOVE:
            at += 5;
            move(this.#instances[instance], this.#place(changes, at));
            break;
          case REMOVE:
            at += 2;
            for (const node of between(this.#instances[instance])) node.remove();
            this.#instances[instance] = undefined;
            break;
          default:
            at += 2;
            this.#instances[instance] = undefined;
        }
      } catch {}
    }
  }

  /** The node before which a row stands. */
  #place(changes, end) {
    const before = changes[end - 1];
    return before ? this.#instances[before].first : this.#instances[changes[end - 3]].regions[changes[end - 2]];
  }

  /** Makes an instance that stands nowhere yet. */
  #build(number, block) {
    const { content: original, isSingle, walk, kinds } = this.#prototypes[block];
    const content = this.#document.importNode(original, true);
    const first = isSingle ? content : content.firstChild;
    const slots = [];
    const regions = [];
    let node = first;
    for (const step of walk) {
      if (step === SLOT) slots.push(node);
      else if (step === REGION) regions.push(node);
      else if (step === DOWN) node = node.firstChild;
      else if (step === UP) node = node.parentNode;
      else if (step === NEXT) node = node.nextSibling;
    }
    this.#instances[number] = { content, first, last: isSingle ? content : content.lastChild, slots, kinds, regions };
  }
}

function set(node, kind, value) {
  if (kind === null) node.data = value ?? "";
  else if (typeof kind === "string") {
    if (value === null) node.removeAttribute(kind);
    else node.setAttribute(kind, value);
  } else if (value === null) node.style.removeProperty(kind[0]);
  else setStyle(node, kind[0], value, kind[1]);
}

/** Sets a declaration. Nobody can read letters below 12 pixels. */
export function setStyle(node, name, value, priority) {
  const { style } = node;
  style.setProperty(name, value, priority);
  // Of `font` and `font-size`: other names do not change it.
  if (!/^font(-size)?$/.test(name) || !style.fontSize) return;
  const size = style.fontSize.replace(/^(xx?-small|smaller)$/, ".83em");
  // Where it is another word the browser leaves it as it is.
  style.setProperty("font-size", `max(12px, ${size})`, priority);
}

/** Moves an instance; where the browser can, without taking it out, which keeps focus and playing media. */
function move(instance, before) {
  const parent = before.parentNode;
  for (const node of between(instance)) {
    try {
      parent.moveBefore(node, before);
    } catch {
      before.before(node);
    }
  }
}

/** The siblings from the first to the last node of an instance. */
function between({ first, last }) {
  const nodes = [first];
  while (nodes.at(-1) !== last) nodes.push(nodes.at(-1).nextSibling);
  return nodes;
}
