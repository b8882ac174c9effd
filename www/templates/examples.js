/** Templates to start from, each with an answer. */

const json = (value) => JSON.stringify(value, null, 2);

export const EXAMPLES = [
  {
    name: "A discount code",
    source: `<h2>Here is your code, \${user.firstName!friend}</h2>
<p>Code: <strong>\${discountCode! -}</strong></p>
{% if until is defined %}
  <p>Valid until \${until|date('long')}.</p>
{% endif %}
<p><a href="https://shop.example/cart?code=\${discountCode|urlencode}" target="_blank">To the shop</a></p>`,
    sample: json({ discountCode: "LAKE-3F2A9C", until: "2026-12-24T18:00:00Z", user: { firstName: "John" } }),
  },
  {
    name: "A list with conditions",
    source: `<h2>\${products|length} things for the lake</h2>
<ul>
{% for p in products %}
  <li key="\${p.id}">
    <strong>\${p.name}</strong>
    {% if p.stock == 0 %}
      sold out
    {% elif p.stock < 3 %}
      only \${p.stock} left
    {% else %}
      in stock
    {% endif %}
  </li>
{% else %}
  <li>Nothing today.</li>
{% endfor %}
</ul>`,
    sample: json({
      products: [
        { id: "tent", name: "Tent", stock: 2 },
        { id: "mug", name: "Mug", stock: 40 },
        { id: "canoe", name: "Canoe", stock: 0 },
      ],
    }),
  },
  {
    name: "A table with prices and dates",
    source: `<h2>Your bookings</h2>
<table>
  <thead>
    <tr><th>What</th><th>When</th><th>Price</th></tr>
  </thead>
  <tbody>
  {% for b in bookings %}
    <tr key="\${b.id}">
      <td>\${b.what|truncate(24)}</td>
      <td><time datetime="\${b.at}">\${b.at|date}</time></td>
      <td>\${b.price|currency('EUR')}</td>
    </tr>
  {% endfor %}
  </tbody>
</table>`,
    sample: json({
      bookings: [
        { id: 1, what: "Canoe, half a day", at: "2026-06-20T09:00:00Z", price: 34.5 },
        { id: 2, what: "A place for the tent near the water", at: "2026-06-20T16:00:00Z", price: 18 },
        { id: 3, what: "Firewood", at: "2026-06-21T19:30:00Z", price: 1204.9 },
      ],
    }),
  },
  {
    name: "A ring of progress",
    source: `<svg viewBox="0 0 120 120" width="180" height="180" role="img" aria-label="\${done} of \${goal} stamps">
  <circle cx="60" cy="60" r="48" fill="none" stroke="#8884" stroke-width="14"/>
  <circle cx="60" cy="60" r="48" fill="none" stroke="\${colour!#7a5af0}" stroke-width="14" stroke-linecap="round"
    pathLength="100" stroke-dasharray="\${done / goal * 100} 100" transform="rotate(-90 60 60)"/>
  <text x="60" y="68" text-anchor="middle" fill="currentColor" font-size="24" font-weight="700">\${done}/\${goal}</text>
</svg>
{% if done >= goal %}
  <p>All stamps are there. The next coffee is on us.</p>
{% else %}
  <p>\${goal - done} more to go.</p>
{% endif %}`,
    sample: json({ done: 7, goal: 10, colour: "#14a38b" }),
  },
];
