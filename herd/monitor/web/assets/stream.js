// The stream of events from the program that serves the page. The browser opens it
// again by itself when it breaks; then all begins anew with hello.

import { events } from "./state.js";

/** follow follows it for as long as the page is open. */
export function follow() {
  const source = new EventSource("events");
  for (const name of Object.keys(events)) {
    if (name === "lost") continue;
    source.addEventListener(name, (e) => events[name](JSON.parse(e.data)));
  }
  source.addEventListener("error", () => {
    events.lost();
    // One that was refused is not opened again by the browser.
    if (source.readyState === EventSource.CLOSED) setTimeout(follow, 2000);
  });
}

const token = document.querySelector('meta[name="token"]').content;

/** post sends something that changes something, and returns the answer's bytes. */
export async function post(path, body) {
  const answer = await fetch(path, { method: "POST", body, headers: { "X-Herd-Token": token } });
  const bytes = new Uint8Array(await answer.arrayBuffer());
  if (!answer.ok) throw new Error(new TextDecoder().decode(bytes).trim());
  return bytes;
}
