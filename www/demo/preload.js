// Lets the browser ask where the relay is, and for the project of the story that the page's address names, before any module runs.
{
  const story = new URLSearchParams(location.search).get("story");
  const project = /^(products|quiz|lead|events)$/.test(story) ? `/stories/${story}.json` : "/lake.json";
  for (const href of ["/relay.json", project]) {
    const link = document.createElement("link");
    Object.assign(link, { rel: "preload", href, as: "fetch", type: "application/json", crossOrigin: "anonymous" });
    document.head.append(link);
  }
}
