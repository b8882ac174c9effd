// Lets the browser ask for the project of the story that the page's address names, before any module runs.
{
  const story = new URLSearchParams(location.search).get("story");
  const link = document.createElement("link");
  link.rel = "preload";
  link.href = /^(products|quiz|lead|events)$/.test(story) ? `/stories/${story}.json` : "/lake.json";
  link.as = "fetch";
  link.type = "application/json";
  link.crossOrigin = "anonymous";
  document.head.append(link);
}
