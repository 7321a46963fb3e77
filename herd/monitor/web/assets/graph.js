// The herd's graph: a card for each server, a line for each link, and the messages that
// travel there.

import { herd, on, stateOf, edge } from "./state.js";
import { flight, onFlood } from "./floods.js";
import { layout } from "./layout.js";
import { moves } from "./settings.js";
import { count, draw, rate, set, write } from "./text.js";

const element = document.getElementById("graph");
const mostMessages = 120; // in flight at a time
const words = { up: "in sync", behind: "not in sync yet", down: "down", wait: "not heard yet" };
const edgeWords = { up: "", down: "down", cut: "cut", unknown: "" };

const svg = draw("svg", { role: "img", "aria-label": "The servers and their links" });
const edges = draw("g");
const messages = draw("g");
const cards = draw("g");
svg.append(edges, messages, cards);
element.append(svg);

let points = new Map();
let card = { width: 132, height: 64, short: false };
const lines = new Map(); // by link
const nodes = new Map(); // by name
const flying = []; // {shape, a, b, from}

// place puts everything where it belongs, for the size that there is.
function place() {
  const { clientWidth: width, clientHeight: height } = element;
  if (!width || herd.servers.length === 0) return;
  const crowded = herd.servers.length > 7 || width < 420;
  card = crowded ? { width: 88, height: 58, short: true } : { width: 132, height: 64, short: false };
  points = layout(herd.servers.map((s) => s.name), herd.links, width, height, card);
  set(svg, { viewBox: `0 0 ${width} ${height}` });
  for (const [link, line] of lines) {
    const [a, b] = [points.get(link.a), points.get(link.b)];
    set(line.line, { x1: a.x, y1: a.y, x2: b.x, y2: b.y });
    const [x, y] = [(a.x + b.x) / 2, (a.y + b.y) / 2];
    set(line.text, { x, y: y + 4 });
  }
  for (const [name, node] of nodes) {
    const { x, y } = points.get(name);
    set(node.group, { transform: `translate(${x} ${y})` });
    set(node.box, { x: -card.width / 2, y: -card.height / 2, width: card.width, height: card.height, rx: 10 });
    set(node.dot, { cx: -card.width / 2 + 12, cy: -card.height / 2 + 12 });
  }
  show(); // there may be less room for words
}

function build() {
  edges.replaceChildren();
  cards.replaceChildren();
  lines.clear();
  nodes.clear();
  for (const link of herd.links) {
    const line = draw("line", { class: "edge" });
    const text = draw("text", { class: "edge-text" });
    lines.set(link, { line, text });
    edges.append(line, text);
  }
  for (const server of herd.servers) {
    const node = {
      group: draw("g", { class: "node", "data-server": server.name }),
      box: draw("rect"),
      dot: draw("circle", { class: "node-dot", r: 4.5 }),
      name: draw("text", { class: "node-name", y: -9 }),
      records: draw("text", { y: 8 }),
      rates: draw("text", { y: 23 }),
    };
    node.group.append(node.box, node.dot, node.name, node.records, node.rates);
    write(node.name, server.name);
    nodes.set(server.name, node);
    cards.append(node.group);
  }
  place();
}

function show() {
  for (const [link, line] of lines) {
    const state = link.state === "up" && link.sync !== "in_sync" ? link.sync : link.state;
    set(line.line, { "data-state": state });
    set(line.text, { "data-state": link.state });
    write(line.text, edgeWords[link.state]);
  }
  for (const server of herd.servers) {
    const node = nodes.get(server.name);
    const state = stateOf(server);
    set(node.group, { "data-state": state });
    write(node.records, server.status ? `${count(server.status.records)} record${server.status.records === 1 ? "" : "s"}` : words[state]);
    write(node.rates, server.status ? (state === "up" && !card.short ? `${words.up}, ${rate(server.rates.iamat + server.rates.peers)} lines/s` : words[state]) : "");
  }
  set(svg, { "aria-label": inWords() });
}

const inWords = () => `${herd.servers.map((s) => `${s.name} ${words[stateOf(s)]}`).join(", ")}. Links: ${
  herd.links.map((l) => `${l.a} and ${l.b} ${l.state}`).join(", ")}.`;

onFlood((flood, legs) => {
  if (flood.origin && !flood.entered) {
    flood.entered = true;
    hit(flood.origin);
  }
  for (const leg of legs) {
    const link = edge(leg.from, leg.to);
    if (!link) continue;
    if (!moves()) { hit(leg.to); continue; }
    if (flying.length >= mostMessages) continue;
    const shape = draw("circle", { class: "message", r: 5.5 });
    flying.push({ shape, leg, from: performance.now() + leg.wait });
    if (flying.length === 1) requestAnimationFrame(fly);
  }
});

// fly moves the messages, each frame while there are any.
function fly(now) {
  for (let i = flying.length - 1; i >= 0; i--) {
    const { shape, leg, from } = flying[i];
    const t = (now - from) / flight;
    if (t < 0) continue;
    const gone = edge(leg.from, leg.to)?.state !== "up"; // what it was on has ended
    if (t >= 1 || gone) {
      shape.remove();
      flying.splice(i, 1);
      if (!gone) hit(leg.to);
      continue;
    }
    const [a, b] = [points.get(leg.from), points.get(leg.to)];
    const s = t * t * (3 - 2 * t);
    set(shape, { cx: a.x + (b.x - a.x) * s, cy: a.y + (b.y - a.y) * s });
    if (!shape.isConnected) messages.append(shape);
  }
  if (flying.length > 0) requestAnimationFrame(fly);
}

// hit marks a server to which something has come.
function hit(name) {
  const node = nodes.get(name);
  if (!node) return;
  node.group.classList.add("hit");
  clearTimeout(node.timer);
  node.timer = setTimeout(() => node.group.classList.remove("hit"), 350);
  node.hits = (node.hits ?? 0) + 1;
  set(node.group, { "data-hits": node.hits });
}

on("herd", build);
on("server", show);
on("stage", show);
new ResizeObserver(place).observe(element);
