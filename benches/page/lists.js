// Lists of keyed rows: the template in each side's language, and what may happen to a list from one answer to the next.

const encoder = new TextEncoder();

export const list = {
  cuehook:
    '<ul>{% for item in items %}<li key="${item.id}" data-id="${item.id}"><a href="${item.url}">${item.name}</a> <span>${item.price} €</span>{% if item.sale %}<em>Sale</em>{% endif %}</li>{% endfor %}</ul>',
  handlebars:
    '<ul>{{#each items}}<li data-id="{{id}}"><a href="{{url}}">{{name}}</a> <span>{{price}} €</span>{{#if sale}}<em>Sale</em>{{/if}}</li>{{/each}}</ul>',
  mustache:
    '<ul>{{#items}}<li data-id="{{id}}"><a href="{{url}}">{{name}}</a> <span>{{price}} €</span>{{#sale}}<em>Sale</em>{{/sale}}</li>{{/items}}</ul>',
  eta: '<ul><% for (const item of it.items) { %><li data-id="<%= item.id %>"><a href="<%= item.url %>"><%= item.name %></a> <span><%= item.price %> €</span><% if (item.sale) { %><em>Sale</em><% } %></li><% } %></ul>',
  lit: (html, repeat, nothing) => {
    const row = (item) =>
      html`<li data-id=${item.id}><a href=${item.url}>${item.name}</a> <span>${item.price} €</span>${item.sale ? html`<em>Sale</em>` : nothing}</li>`;
    const key = (item) => item.id;
    return (it) => html`<ul>${repeat(it.items, key, row)}</ul>`;
  },
  hand: (parent) => {
    const rowTemplate = document.createElement("template");
    rowTemplate.innerHTML = "<li><a> </a> <span> </span></li>";
    const ul = document.createElement("ul");
    parent.append(ul);
    const rows = [];
    const newRow = (added) => {
      const li = document.importNode(rowTemplate.content.firstChild, true);
      added.append(li);
      const [a, , span] = li.childNodes;
      return { li, a, name: a.firstChild, price: span.firstChild, sale: null, item: {} };
    };
    return ({ items }) => {
      const added = document.createDocumentFragment();
      items.forEach((item, index) => {
        const row = (rows[index] ??= newRow(added));
        const { item: before } = row;
        if (before.id !== item.id) row.li.setAttribute("data-id", item.id);
        if (before.url !== item.url) row.a.setAttribute("href", item.url);
        if (before.name !== item.name) row.name.data = item.name;
        if (before.price !== item.price) row.price.data = `${item.price} €`;
        if (item.sale && !row.sale) {
          row.sale = document.createElement("em");
          row.sale.textContent = "Sale";
          row.li.append(row.sale);
        } else if (!item.sale && row.sale) {
          row.sale.remove();
          row.sale = null;
        }
        row.item = item;
      });
      if (added.firstChild) ul.append(added);
      for (const { li } of rows.splice(items.length)) li.remove();
    };
  },
};

const NAMES = ["Tent", "Lantern", "Cup & saucer", "Rucksack", "Bottle"];

/** So many products. */
const products = (count) =>
  Array.from({ length: count }, (_, index) => ({
    id: `P-${1000 + index}`,
    name: `${NAMES[index % 5]} no. ${index + 1}`,
    price: 9.95 + index,
    url: `/shop/products/${1000 + index}?from=film`,
    sale: index % 3 === 0,
  }));

const answer = (items) => encoder.encode(JSON.stringify({ items }));

/** A hundred products; only the price of one in the middle depends on `price`. */
export const listAnswer = (price) => answer(products(100).with(50, { ...products(51)[50], price }));

/** The same list with other prices for those rows that are named. */
const repriced = (items, rows) =>
  items.map((item, index) => (rows(index) ? { ...item, price: item.price + 100.5 } : item));

const swapped = (items) => items.with(1, items.at(-2)).with(-2, items[1]);

/** Ten rows, evenly spread. */
const tenth = (count) => (index) => index % (count / 10) === count / 20;

/** Two answers each; the first name is the way from the first to the second, the second name the way back. */
function steps(count) {
  const all = products(count);
  const middle = count / 2;
  return [
    [["first row inserted", "first row removed"], all.slice(1), all],
    [["middle row inserted", "middle row removed"], all.toSpliced(middle, 1), all],
    [["last row appended", "last row removed"], all.slice(0, -1), all],
    [["empty list filled", "list cleared"], [], all],
    [["two rows swapped"], all, swapped(all)],
    [["order reversed"], all, all.toReversed()],
    [["every row's price changes"], all, repriced(all, () => true)],
    [["prices of 10 rows change"], all, repriced(all, tenth(count))],
  ].map(([ways, from, to]) => ({ ways, answers: [answer(from), answer(to)] }));
}

/** The sizes of list that are measured, each with what happens to it. */
export const LISTS = [100, 1_000].map((count) => ({ count, steps: steps(count) }));
