/** The stories that are told over the film: which project, and what can be done in it. */

/** Drawings of 24 by 24. */
const ICONS = {
  canoe: "M2.5 13c3.2 1.6 15.8 1.6 19 0-.6 3.6-3.2 5-9.5 5s-8.9-1.4-9.5-5zM16.5 11.5l3.5-6",
  tent: "M12 5 2.8 19h18.4zM12 5v0M12 11l-4.6 8h9.2z",
  lantern: "M9 6.5h6l1.5 4v4.5H7.5v-4.5zM7 18.5h10M10 3.5h4M12 10.5v2",
  campfire: "M12 3.5c.5 3.5 5 5 5 9.5a5 5 0 0 1-10 0c0-2 1-3 1.8-4.2.5 1.2 1 1.7 1.7 2C11 8 10.8 6 12 3.5zM4.5 20.5h15",
  mug: "M5 9h11v7a4 4 0 0 1-4 4H9a4 4 0 0 1-4-4zM16 11h1.5a2.5 2.5 0 0 1 0 5H16M8.5 3.5v2.5M12.5 3.5v2.5",
  tour: "M5 20V4l14 5-14 5",
  shop: "M5 8h14l-1.2 12H6.2zM9 10V7a3 3 0 0 1 6 0v3",
  quiz: "M9 9.2a3 3 0 1 1 4.2 2.7c-.9.5-1.2 1-1.2 2.1M12 17.6v.1M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
  form: "M6 3.5h12v17H6zM9 8h6M9 12h6M9 16h3",
  ledger: "M5 4h11l3 3v13H5zM8.5 10h7M8.5 13.5h7M8.5 17h4",
  stars: "M12 4l2.2 5 5.3.5-4 3.6 1.2 5.3L12 15.6l-4.7 2.8 1.2-5.3-4-3.6 5.300-.5z",
  people: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2.5 19c.5-3.500 2.5-5 5.5-5s5 1.5 5.5 5M15 5.5a3 3 0 0 1 0 5.5M16.5 14c2.700.3 4.500 2 5 5",
};

/** Of each step: what is clicked, where the film goes for it, and what shows that it is done: an event of that element. */
const STORIES = [
  {
    id: "tour", name: "Tour", title: "Five clicks", icon: ICONS.tour, address: "/lake.json",
    says: "Five things can be clicked.",
    steps: [
      { element: "canoe", from: 3.4, done: "settled", icon: ICONS.canoe, title: "A nested field",
        text: ["The film goes on; ", "`user.firstName`", " greets when it is there."] },
      { element: "tent", from: 11.5, done: "settled", icon: ICONS.tent, title: "A code, a picture",
        text: ["The film waits for the answer, shows both, and goes on."] },
      { element: "lantern", from: 17.3, done: "settled", icon: ICONS.lantern, title: "A gated chain",
        text: ["Four more steps run only if the answer is good."] },
      { element: "campfire", from: 22.4, done: "settled", icon: ICONS.campfire, title: "A failure, mended",
        text: ["The first call takes too long. The viewer hears it, and tries again."] },
      { element: "mug", from: 22.4, done: "activate", icon: ICONS.mug, title: "A word to the page",
        text: ["A callback: an event that this page listens to."] },
    ],
  },
  {
    id: "products", name: "Shop", title: "A product list", icon: ICONS.shop, address: "/stories/products.json",
    says: "Click the tent, and see what is for sale.",
    steps: [
      { element: "tent", from: 11.5, done: "settled", icon: ICONS.tent, title: "A list from the webhook",
        text: ["The answer is a list; ", "`{% for %}`", " shows a row for each product."] },
      { element: "shelf", from: 11.5, done: "settled", icon: ICONS.shop, title: "A button in each row",
        text: ["Its ", "`data-param-id`", " says which product. The next answer changes what is left."] },
    ],
  },
  {
    id: "quiz", name: "Quiz", title: "With a score", icon: ICONS.quiz, address: "/stories/quiz.json",
    says: "Three questions; the film waits for you.",
    steps: [
      { element: "boat", from: 4.3, done: "activate", icon: ICONS.canoe, title: "One is right",
        text: ["What is right and wrong is said in words, with a remark for each choice."] },
      { element: "camp", from: 13.5, done: "activate", icon: ICONS.tent, title: "Several are right",
        text: ["Two attempts. ", "`${score + 1}`", " counts."] },
      { element: "light", from: 23.1, done: "activate", icon: ICONS.campfire, title: "The last one",
        text: ["Keys 1 and 2 choose, too."] },
      { element: "end", from: 28, done: "settled", icon: ICONS.stars, title: "The result",
        text: ["A condition calls the webhook; ", "`if`", " decides what is shown."] },
    ],
  },
  {
    id: "lead", name: "Lead", title: "A form", icon: ICONS.form, address: "/stories/lead.json",
    says: "Click the canoe, and ask for the catalogue.",
    steps: [
      { element: "canoe", from: 3.4, done: "activate", icon: ICONS.canoe, title: "A way to the form",
        text: ["An area that says in words what it is for."] },
      { element: "lead", from: 3.4, done: "settled", icon: ICONS.people, title: "Who gets what was typed",
        text: ["Two webhooks are called. Only the one that names the form gets the values: look at the inspector."] },
    ],
  },
  {
    id: "events", name: "Events", title: "Nothing is lost", icon: ICONS.ledger, address: "/stories/events.json",
    says: "Watch, click, sign; and take the network away in the inspector.",
    steps: [
      { element: "canoe", from: 3.4, done: "activate", icon: ICONS.canoe, title: "A call to action",
        text: ["The click is an event of its own: ", "`cta.clicked`", "."] },
      { element: "camp", from: 13.5, done: "activate", icon: ICONS.tent, title: "An answer",
        text: ["Stored on the disk before it is sent."] },
      { element: "guest", from: 22.3, done: "activate", icon: ICONS.form, title: "The guest book",
        text: ["No network? Sign, close the page, come back: it arrives, once."] },
    ],
  },
];

/** The stories, and the one that the page's address names. */
export const stories = STORIES;
export const storyOfPage = () => {
  const id = new URLSearchParams(location.search).get("story");
  return STORIES.find((story) => story.id === id) ?? STORIES[0];
};
