// Another page in a frame: `?page=http%3A//…`, with `sandbox=` the frame's attribute.
const { searchParams } = new URL(location);
const frame = document.createElement("iframe");
if (searchParams.has("sandbox")) frame.sandbox = searchParams.get("sandbox");
frame.src = searchParams.get("page");
Object.assign(frame, { width: 700, height: 400 });
document.body.append(frame);
