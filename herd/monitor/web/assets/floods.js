// Floods: each report and the servers that it has reached, put together from what each
// server says that it passed on. What happens within a millisecond or two is shown slowly:
// a message leaves a server when it has been seen to come there.

import { on } from "./state.js";

/** flight is how long a message is shown on its way, in milliseconds. */
export const flight = 650;

const gather = 180; // milliseconds in which the servers' words come, in any order
const forget = 30000; // after which a report is over
const most = 400; // reports that are remembered

const floods = new Map(); // by what tells one report from another
const listeners = [];

/**
 * onFlood calls f with a flood when it has begun, and whenever it has got on: its record,
 * who had it from the client (origin, once that is known), who has it (reached: a Map of
 * the servers' names to their time), and in legs what has newly been passed on: {from, to,
 * wait} with milliseconds to wait.
 */
export function onFlood(f) { listeners.push(f); }

on("passed", (p) => {
  const key = JSON.stringify([p.id, p.time, p.server, p.when]);
  let flood = floods.get(key);
  if (!flood) {
    flood = { ...p, key, began: performance.now(), reached: new Map(), due: new Map(), waiting: [], timer: 0, origin: "" };
    floods.set(key, flood);
    clean();
  }
  flood.reached.set(p.by, p.at);
  if (p.from === "") flood.origin = p.by;
  flood.waiting.push(p);
  flood.timer ||= setTimeout(() => unfold(flood), gather);
});

// unfold finds the order in which the legs are shown.
function unfold(flood) {
  flood.timer = 0;
  const now = performance.now();
  const legs = [];
  let left = flood.waiting;
  flood.waiting = [];
  // Whoever has it from a client was first. Then those come who have it from somebody
  // who was shown to have it; and at last those of whom it is not known.
  for (let known = true; left.length > 0; ) {
    const ready = left.filter((p) => p.from === "" || flood.due.has(p.by) || !known);
    known = ready.length > 0;
    for (const p of ready) {
      if (!flood.due.has(p.by)) {
        const wait = p.from === "" ? 0 : flight;
        // What it came by was not in the sample, or came while records were compared.
        if (p.from !== "") legs.push({ from: p.from, to: p.by, wait: 0 });
        flood.due.set(p.by, now + wait);
      }
      const leaves = Math.max(0, flood.due.get(p.by) - now);
      for (const to of p.to) {
        legs.push({ from: p.by, to, wait: leaves });
        if (!flood.due.has(to)) flood.due.set(to, now + leaves + flight);
      }
    }
    left = left.filter((p) => !ready.includes(p));
  }
  for (const f of listeners) f(flood, legs);
}

function clean() {
  const now = performance.now();
  for (const [key, flood] of floods) {
    if (floods.size <= most && now - flood.began < forget) break; // they are in their order
    floods.delete(key);
  }
}
