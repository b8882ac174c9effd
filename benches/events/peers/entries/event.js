// What all sides record: the same name, the same properties.

export const NAME = "cart.added";

export const properties = (mark) => ({ mark, product: "tent", name: "Tent for two", price: 189, currency: "EUR" });
