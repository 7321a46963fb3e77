// What happens, newest first: reports and whom they reached, links and servers that come
// and go, records that neighbours exchange, and what is done here.

import { herd, on } from "./state.js";
import { onFlood } from "./floods.js";
import { clock, make, place, some, took, visible, write } from "./text.js";

const list = document.getElementById("feed");
const section = list.closest(".feed");
const empty = document.getElementById("feed-empty");
const note = document.getElementById("feed-note");
const pause = document.getElementById("feed-pause");
const spoken = document.getElementById("spoken");
const most = 150;
const marks = { report: "\u25cf", good: "\u25b2", bad: "\u2715", plain: "\u00b7" };

let paused = false;
let held = []; // what came meanwhile

/** tell puts something into the feed; small is what is less important of it. */
export function tell(kind, text, small = "", at = Date.now()) {
  const item = make("li", { "data-kind": kind },
    make("time", {}, clock(at)), make("span", { class: "mark", "aria-hidden": "true" }, marks[kind] ?? marks.plain),
    make("span", { class: "what" }, text, " ", make("small", {}, small)));
  if (paused) {
    held.push(item);
    if (held.length > most) held.shift();
    write(note, `${held.length} waiting`);
  } else {
    put(item);
  }
  return item.querySelector("small");
}

function put(item) {
  const top = list.scrollTop;
  const height = list.scrollHeight;
  list.prepend(item);
  if (top > 0) list.scrollTop = top + list.scrollHeight - height; // who reads on is left in peace
  while (list.children.length > most) list.lastChild.remove();
  empty.hidden = true;
}

/** say has a screen reader say something, a little later, so that much is said at once. */
export function say(text) {
  saying.push(text);
  talk ||= setTimeout(() => {
    talk = 0;
    write(spoken, saying.slice(-4).join(". "));
    saying.length = 0;
  }, 600);
}
const saying = [];
let talk = 0;

function news(kind, text, small) {
  tell(kind, text, small);
  say(text);
}

// Reports: a few a second are told, of those that the servers have shown.
const perSecond = 6;
let left = perSecond;
let untold = 0;
setInterval(() => {
  left = perSecond;
  const sample = untold > 0 ? `${some(untold, "more report")} a second seen, and not told` : "";
  if (!paused) write(note, sample);
  untold = 0;
}, 1000);

onFlood((flood) => {
  const all = herd.servers.filter((s) => s.status).length;
  const times = [...flood.reached.values()];
  const spread = (Math.max(...times) - Math.min(...times)) / 1000;
  // Of a server that has much to do, only a sample is seen.
  const reached = flood.reached.size < all ? `seen at ${flood.reached.size} of ${all}` : `reached all ${all} in ${took(spread)}`;
  if (!flood.told) {
    if (left <= 0) { untold++; return; }
    left--;
    flood.told = tell("report", `${visible(flood.id)} told ${flood.server} that it is at ${place(flood.latitude, flood.longitude)}`, "", flood.at);
  }
  write(flood.told, reached);
  flood.told.closest("li").dataset.reached = flood.reached.size;
});

on("server", ({ server, was }) => {
  const { status } = server;
  if (!status) {
    if (was.status) news("bad", `${server.name} is down`, server.trouble);
    return;
  }
  if (!was.status && was.trouble) news("good", `${server.name} is up`, `with ${some(status.records, "record")}`);
  if (!was.status) return;
  if (status.boot !== was.status.boot) news("good", `${server.name} was started anew`, "");
  if (status.stopping && !was.status.stopping) news("plain", `${server.name} is stopping`, "");
  for (const link of status.links) {
    const before = was.status.links.find((l) => l.peer === link.peer);
    if (before) links(server.name, link, before);
  }
});

// links tells of a link once, as the end says that stands first in the alphabet, unless
// that one says nothing.
function links(name, link, before) {
  const other = herd.byName.get(link.peer);
  if (link.peer < name && other?.status) {
    if (link.resync.at !== before.resync.at) resynced(name, link);
    return;
  }
  if (before.up && !link.up) news("bad", `The link of ${name} and ${link.peer} is lost`, link.losses?.at(-1)?.reason ?? "");
  if (!before.up && link.up) news("good", `${name} and ${link.peer} are linked`, "");
  if (link.resync.at !== before.resync.at) resynced(name, link);
}

function resynced(name, link) {
  const { sent, received, round_trips: trips } = link.resync;
  news("good", `${name} and ${link.peer} have found out what they lacked`, `${some(sent, "record")} to ${link.peer}, ${received} to ${name}, in ${some(trips, "round trip")}`);
}

on("lost", () => news("bad", "This page has lost the program that serves it", "it goes on looking"));

pause.addEventListener("click", () => {
  paused = !paused;
  pause.setAttribute("aria-pressed", paused);
  write(pause, paused ? "Go on" : "Pause");
  if (paused) return;
  for (const item of held) put(item);
  held = [];
  write(note, "");
});
document.getElementById("feed-reports").addEventListener("change", (e) => {
  section.dataset.reports = e.target.checked ? "yes" : "no";
});
