// The stylesheet: one for all instances, adopted by the document or shadow root in which a stage lies.

let sheet;
/** How many stages lie in each tree. */
const stages = new Map();

const others = (tree) => [...tree.adoptedStyleSheets].filter((other) => other !== sheet);

/** Makes sure that the tree in which `node` lies has the stylesheet, and gives the tree. Throws once where there can be none. */
export function adoptSheet(document, node, css) {
  const root = node.getRootNode();
  const tree = "adoptedStyleSheets" in root ? root : document;
  const count = stages.get(tree) ?? 0;
  stages.set(tree, count + 1);
  if (count === 0) {
    if (!sheet) {
      const made = new CSSStyleSheet();
      made.replaceSync(css);
      sheet = made;
    }
    tree.adoptedStyleSheets = [...others(tree), sheet];
  }
  return tree;
}

/** A stage is gone from the tree: the last one takes the stylesheet with it. */
export function releaseSheet(tree) {
  const count = stages.get(tree) - 1;
  stages.set(tree, count);
  if (count === 0) {
    stages.delete(tree);
    tree.adoptedStyleSheets = others(tree);
  }
}
