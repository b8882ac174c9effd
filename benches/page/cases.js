// What is shown: templates in each side's language, and answers for them.

import { list, listAnswer } from "./lists.js";

const encoder = new TextEncoder();
const bytes = (answer) => encoder.encode(JSON.stringify(answer));

/** An element with a text in it, for code by hand. */
function line(parent, name, before) {
  const outer = document.createElement(name);
  const inner = document.createElement("b");
  const text = document.createTextNode("");
  inner.append(text);
  outer.append(before, inner);
  parent.append(outer);
  return text;
}

const overlay = {
  cuehook: "<p>DiscountCode: <b>${discountCode}</b></p><p>Hello <b>${user.firstName}</b></p>",
  handlebars: "<p>DiscountCode: <b>{{discountCode}}</b></p><p>Hello <b>{{user.firstName}}</b></p>",
  mustache: "<p>DiscountCode: <b>{{discountCode}}</b></p><p>Hello <b>{{user.firstName}}</b></p>",
  eta: "<p>DiscountCode: <b><%= it.discountCode %></b></p><p>Hello <b><%= it.user.firstName %></b></p>",
  lit: (html) => (it) => html`<p>DiscountCode: <b>${it.discountCode}</b></p><p>Hello <b>${it.user.firstName}</b></p>`,
  hand: (parent) => {
    const code = line(parent, "p", "DiscountCode: ");
    const name = line(parent, "p", "Hello ");
    return (it) => {
      code.data = it.discountCode;
      name.data = it.user.firstName;
    };
  },
};

const overlayAnswer = (discountCode, firstName) =>
  bytes({ discountCode, user: { firstName, lastName: "Doe", userName: "john.doe" }, score: 120, imageUrl: "/film/lake.jpg" });

const large = {
  cuehook:
    "<p>Hello <b>${order.customer.name}</b></p><p>Your code: <b>${offer.discount.code}</b></p><p>Arrives: <b>${order.shipping.date}</b></p>",
  handlebars:
    "<p>Hello <b>{{order.customer.name}}</b></p><p>Your code: <b>{{offer.discount.code}}</b></p><p>Arrives: <b>{{order.shipping.date}}</b></p>",
  mustache:
    "<p>Hello <b>{{order.customer.name}}</b></p><p>Your code: <b>{{offer.discount.code}}</b></p><p>Arrives: <b>{{order.shipping.date}}</b></p>",
  eta: "<p>Hello <b><%= it.order.customer.name %></b></p><p>Your code: <b><%= it.offer.discount.code %></b></p><p>Arrives: <b><%= it.order.shipping.date %></b></p>",
  lit: (html) => (it) =>
    html`<p>Hello <b>${it.order.customer.name}</b></p><p>Your code: <b>${it.offer.discount.code}</b></p><p>Arrives: <b>${it.order.shipping.date}</b></p>`,
  hand: (parent) => {
    const name = line(parent, "p", "Hello ");
    const code = line(parent, "p", "Your code: ");
    const date = line(parent, "p", "Arrives: ");
    return (it) => {
      name.data = it.order.customer.name;
      code.data = it.offer.discount.code;
      date.data = it.order.shipping.date;
    };
  },
};

/** What a shop answers that tells all it knows: 40 KB, of which three fields are shown. */
function largeAnswer(name, code, date) {
  const products = Array.from({ length: 84 }, (_, index) => ({
    id: 70_000 + index,
    sku: `CAMP-${index}-A`,
    title: { en: `Camping article no. ${index}`, de: `Campingartikel Nr. ${index} für draußen` },
    description: 'Light, robust and quickly put up. "The best that I had in years", says a customer.\nWashable at 30°.',
    price: { amount: 19.95 + index, currency: "EUR", tax: 0.19 },
    tags: ["outdoor", "summer", index % 2 ? "new" : "classic"],
    images: [`https://images.example/p/${index}/front.webp`, `https://images.example/p/${index}/back.webp`],
    stock: { store: index % 7, online: index * 3, reserved: null },
    available: index % 5 !== 0,
  }));
  return bytes({
    order: {
      id: "2026-11-000417",
      customer: { id: 417, name, email: "ada@example.org" },
      shipping: { method: "parcel", date, address: { city: "Lausanne", zip: "1003" } },
    },
    catalogue: { page: 1, products },
    offer: { discount: { code, percent: 15 }, until: "2026-12-24" },
  });
}

export const CASES = [
  {
    name: "overlay",
    title: "(a) an overlay with two fields; both change from answer to answer",
    templates: overlay,
    answers: [overlayAnswer("LAKE-4F2A91", "John"), overlayAnswer("LAKE-77C03E", "Grace & Ada")],
    batch: 50,
    compiles: true,
  },
  {
    name: "list",
    title: "(b) a list of 100 rows for the first time, into an empty element",
    templates: list,
    answers: [listAnswer(60)],
    batch: 4,
    first: true,
    compiles: true,
  },
  {
    name: "list again",
    title: "(c) the same list again; one price changes from answer to answer",
    templates: list,
    answers: [listAnswer(60), listAnswer(54.5)],
    batch: 10,
  },
  {
    name: "large",
    title: "(d) an answer of 40 KB of which three fields are shown; all three change from answer to answer",
    templates: large,
    answers: [largeAnswer("Ada", "LAKE-4F2A91", "2026-11-24"), largeAnswer("Grace", "LAKE-77C03E", "2026-11-25")],
    batch: 10,
  },
];
