// Sums up what moves on the page without the viewer's doing.
globalThis.shifted = 0;
new PerformanceObserver((list) => {
  for (const { value } of list.getEntries()) globalThis.shifted += value;
}).observe({ type: "layout-shift", buffered: true });

const overlay = { id: "o", kind: "html", box: { left: 5, top: 5, width: 40, height: 20 }, source: "<p>${said!Hello}</p>" };
remember({ cuehook: 1, elements: [overlay, { id: "late", kind: "area", label: "Late", from: 1, box: { left: 50, top: 50, width: 20, height: 20 } }] });
