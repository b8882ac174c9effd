// Records nothing: what the page itself costs.
export default async () => ({ record: () => {} });
