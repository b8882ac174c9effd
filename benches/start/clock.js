// Notes when the areas have been painted and can be clicked, in milliseconds since the navigation began. It is the first
// thing on each of the pages, and the same on all of them.
{
  const channel = new MessageChannel();
  channel.port1.onmessage = () => (document.documentElement.dataset.clickable = String(performance.now()));
  const look = () => {
    const area = document.querySelector('button[aria-label="Order everything"]');
    const { left, top, width, height } = area?.getBoundingClientRect() ?? {};
    const isOnTop = area && document.elementFromPoint(left + width / 2, top + height / 2) === area;
    // The message arrives when this frame has been painted.
    if (isOnTop) channel.port2.postMessage(null);
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
