// The servers and the links as tables, which say in words and numbers what the graph
// shows; and the buttons of the stage, where there is one.

import { herd, on, stateOf } from "./state.js";
import { post } from "./stream.js";
import { tell, say } from "./feed.js";
import { count, make, rate, set, took, write } from "./text.js";

const servers = document.getElementById("servers");
const links = document.getElementById("links");
const note = document.getElementById("stage-note");
const stateWords = { up: "up, in sync", behind: "up, not in sync yet", down: "down", wait: "not heard yet" };
const linkWords = { up: "up", down: "down", cut: "cut", unknown: "not known" };
const syncWords = { in_sync: "in sync", behind: "behind", unknown: "not known" };

// columns: what stands at the top, whether it is a number, and what it says of a row.
const serverColumns = [
  ["server", false, (s) => s.name],
  ["state", false, (s) => stateOf(s)],
  ["design", false, (s) => s.status?.design ?? ""],
  ["clients", true, (s) => s.status && count(s.status.connections)],
  ["records", true, (s) => s.status && count(s.status.records)],
  ["digest", false, (s) => s.status?.root.slice(0, 8)],
  ["reports/s", true, (s) => s.status && rate(s.rates.iamat)],
  ["questions/s", true, (s) => s.status && rate(s.rates.whatsat)],
  ["from neighbours/s", true, (s) => s.status && rate(s.rates.peers)],
];
const linkColumns = [
  ["link", false, (l) => `${l.a} \u2013 ${l.b}`],
  ["state", false, (l) => l.state],
  ["records", false, (l) => syncWords[l.sync] ?? l.sync],
  ["round trip", true, (l) => (l.roundTrip ? took(l.roundTrip) : "")],
  ["waiting", true, (l) => (l.waiting === undefined ? "" : `${count(l.waiting)} B`)],
];

const rows = new Map(); // by server or link: {cells, acts}

function build() {
  rows.clear();
  table(servers, serverColumns, herd.servers, (s) => [
    button("Stop", () => ({ what: "stop", server: s.name })),
    button("Kill", () => ({ what: "kill", server: s.name })),
    button("Start", () => ({ what: "start", server: s.name })),
  ], (s) => s.name);
  table(links, linkColumns, herd.links, (l) => [
    button("Cut", () => ({ what: "cut", server: l.a, peer: l.b })),
    button("Mend", () => ({ what: "mend", server: l.a, peer: l.b })),
  ], (l) => `${l.a} and ${l.b}`);
  show();
}

function table(element, columns, list, acts, name) {
  element.querySelectorAll("thead, tbody").forEach((part) => part.remove());
  const head = make("tr", {}, ...columns.map(([title, number]) => make("th", { scope: "col", class: number ? "number" : "" }, title)));
  head.append(make("td", { class: "acts" }, make("span", { class: "unseen" }, "What can be done")));
  const body = make("tbody");
  for (const thing of list) {
    const cells = columns.map(([, number], i) => make(i === 0 ? "th" : "td", i === 0 ? { scope: "row" } : { class: number ? "number" : "" }));
    const buttons = acts(thing);
    for (const b of buttons) b.setAttribute("aria-label", `${b.textContent} ${name(thing)}`);
    const row = make("tr", { "data-of": name(thing) }, ...cells, make("td", { class: "acts" }, ...buttons));
    rows.set(thing, { row, cells, columns, buttons });
    body.append(row);
  }
  element.append(make("thead", {}, head), body);
}

function button(text, act) {
  const b = make("button", { type: "button" }, text);
  b.addEventListener("click", async () => {
    const a = act();
    const what = a.peer ? `the link of ${a.server} and ${a.peer}` : a.server;
    tell("plain", `${text} ${what}`, "asked for here");
    b.disabled = b.busy = true;
    try {
      await post("act", JSON.stringify(a));
    } catch (err) {
      tell("bad", `${text} ${what}: ${err.message}`);
      say(err.message);
    }
    b.busy = false;
    show();
  });
  return b;
}

function show() {
  for (const [thing, { row, cells, columns }] of rows) {
    columns.forEach(([title, , of], i) => {
      const value = of(thing) || (of(thing) === 0 ? "0" : "");
      if (title === "state") {
        const words = "talks_to" in thing ? stateWords : linkWords;
        let mark = cells[i].firstChild;
        if (!mark) cells[i].append(mark = make("span", { class: "state" }));
        set(mark, { "data-state": value });
        write(mark, words[value]);
        set(row, { "data-state": value });
      } else {
        write(cells[i], value);
      }
    });
  }
  acts();
}

// acts shows the buttons that have a sense now.
function acts() {
  const stage = herd.stage;
  note.hidden = !stage?.note;
  if (stage) write(note, stage.note);
  for (const [thing, { buttons }] of rows) {
    const isServer = "talks_to" in thing;
    const stopped = isServer && stage?.stopped.includes(thing.name);
    for (const b of buttons) {
      const text = b.textContent;
      b.hidden = !stage || (isServer ? (text === "Start") !== stopped : (text === "Mend") !== Boolean(thing.cut));
      b.disabled = !stage?.open || Boolean(b.busy);
    }
  }
}

on("herd", build);
on("server", show);
on("stage", show);
