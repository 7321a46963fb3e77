// The map: three canvases on top of each other. The world, which is drawn when the view
// changes; the clients that rest, when some have changed; and what moves, each frame
// while something does.

import { clients, on } from "./state.js";
import { mostClients, project } from "./clients.js";
import { View } from "./view.js";
import { colour, moves, onLook } from "./settings.js";
import { drawMany, drawSome } from "./dots.js";
import { count, place, some, write } from "./text.js";

const element = document.getElementById("map");
const [world, dots, live] = [...element.querySelectorAll("canvas")].map((c) => c.getContext("2d"));
const tip = document.getElementById("map-tip");
const last = document.getElementById("map-last");
const note = document.getElementById("map-note");

const few = 4000; // clients that are drawn as discs; more are points
const manyEvery = 400; // milliseconds between two drawings of many
const mostMoving = 200;

let atlas = null; // {land, borders}, once it is there
let look = {}; // the palette
let moving = []; // {x0, y0, x1, y1, from}: clients on their way, on the map of radius 1
let pins = []; // [longitude, latitude]: an answer's
const due = { world: true, dots: true, dotsAt: 0 };

const view = new View(element, () => { due.world = due.dots = true; due.dotsAt = 0; frame(); });

let asked = false;
function frame() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(draw);
}

function draw(now) {
  asked = false;
  if (!view.width) return;
  if (due.world) { due.world = false; drawWorld(); }
  const many = clients.count > few;
  if (due.dots && (!many || now >= due.dotsAt)) {
    due.dots = false;
    due.dotsAt = now + manyEvery;
    (many ? drawMany : drawSome)(dots, view, clients, look);
    element.dataset.clients = clients.count;
  }
  drawLive(now);
  if (moving.length > 0) frame();
  else if (due.dots) setTimeout(frame, manyEvery);
}

function drawWorld() {
  const { width, height } = view;
  world.clearRect(0, 0, width, height);
  const [x, y] = view.at(0, 0);
  const projection = d3.geoEqualEarth().scale(view.scale).translate([x, y]).precision(view.zoom > 8 ? 0.5 : 0.2);
  const path = d3.geoPath(projection, world);
  const line = (shape, style, wide) => { world.beginPath(); path(shape); world.strokeStyle = style; world.lineWidth = wide; world.stroke(); };
  line(d3.geoGraticule10(), look.grid, 1);
  if (atlas) {
    world.beginPath();
    path(atlas.land);
    world.fillStyle = look.land;
    world.fill();
    line(atlas.borders, look.border, 1);
  }
  line({ type: "Sphere" }, look.line, 1);
}

// drawLive draws who is on its way, and a ring about each that has just come.
function drawLive(now) {
  live.clearRect(0, 0, view.width, view.height);
  const long = 900;
  moving = moving.filter((m) => now - m.from < long);
  for (const m of moving) {
    const t = Math.max(0, (now - m.from) / long);
    const to = view.at(m.x1, m.y1);
    if (m.far && moves()) {
      const from = view.at(m.x0, m.y0);
      const s = 1 - (1 - Math.min(1, t * 1.6)) ** 3;
      const here = [from[0] + (to[0] - from[0]) * s, from[1] + (to[1] - from[1]) * s];
      stroke(look.client, 1.5, 0.5 * (1 - t), () => { live.moveTo(...from); live.lineTo(...here); });
      disc(here, 3.5, look.client);
    }
    const radius = moves() ? 4 + 16 * t : 9;
    stroke(look.message, 2, moves() ? 1 - t : 1, () => live.arc(...to, radius, 0, 7));
  }
  for (const [longitude, latitude] of pins) {
    const [x, y] = view.at(...project(longitude, latitude));
    live.beginPath();
    live.moveTo(x, y);
    live.arc(x, y - 9, 4.5, 0.8 * Math.PI, 0.2 * Math.PI);
    live.closePath();
    live.fillStyle = look.message;
    live.fill();
    stroke(look.card, 1, 1, () => { live.moveTo(x, y); live.arc(x, y - 9, 4.5, 0.8 * Math.PI, 0.2 * Math.PI); live.closePath(); });
  }
}

function stroke(style, wide, alpha, shape) {
  live.globalAlpha = alpha;
  live.beginPath();
  shape();
  live.strokeStyle = style;
  live.lineWidth = wide;
  live.stroke();
  live.globalAlpha = 1;
}

function disc([x, y], radius, style) {
  live.beginPath();
  live.arc(x, y, radius, 0, 7);
  live.fillStyle = style;
  live.fill();
}

/** showPins shows an answer's places: [longitude, latitude] each. */
export function showPins(list) {
  pins = list;
  frame();
}

/** onPick calls f with [longitude, latitude] and the client there, if any, at a click. */
export function onPick(f) {
  element.addEventListener("click", (e) => {
    if (view.dragged) return;
    const at = view.place(e.offsetX, e.offsetY);
    if (at) f(at, nearest(e.offsetX, e.offsetY));
  });
}

// nearest is the number of the client within reach of a pixel, or -1.
function nearest(px, py) {
  let best = -1;
  let reach = 10 * 10;
  const [x0, y0] = view.at(0, 0);
  for (let i = 0; i < clients.count; i++) {
    const dx = x0 + clients.x[i] * view.scale - px;
    const dy = y0 - clients.y[i] * view.scale - py;
    if (dx * dx + dy * dy < reach) { reach = dx * dx + dy * dy; best = i; }
  }
  return best;
}

const said = (i) => `${clients.names[i]} at ${place(clients.latitude[i], clients.longitude[i])}, reported to ${clients.servers[i]}`;

element.addEventListener("pointermove", (e) => {
  const i = e.buttons === 0 ? nearest(e.offsetX, e.offsetY) : -1;
  tip.hidden = i < 0;
  if (i < 0) return;
  write(tip, said(i));
  const [x, y] = view.at(clients.x[i], clients.y[i]);
  tip.style.left = `${Math.min(Math.max(4, x + 10), Math.max(4, view.width - tip.offsetWidth - 4))}px`;
  tip.style.top = `${Math.min(Math.max(4, y + 10), view.height - tip.offsetHeight - 4)}px`;
});
element.addEventListener("pointerleave", () => { tip.hidden = true; });

on("passed", ({ id, change }) => {
  if (!change) return;
  const [x1, y1] = [clients.x[change.i], clients.y[change.i]];
  const [x0, y0] = change.before ?? [x1, y1];
  const far = Math.hypot(x1 - x0, y1 - y0) * view.scale > 2;
  if (moving.length < mostMoving) moving.push({ x0, y0, x1, y1, far, from: performance.now() });
  due.dots = true;
  newest = id;
  tell();
  frame();
});
on("records", () => { due.dots = true; tell(); frame(); });
on("server", tell);

let newest = "";
let telling = 0;

// tell says in words what the map shows, a few times a second at the most.
function tell() {
  if (telling) return;
  telling = setTimeout(() => {
    telling = 0;
    const i = clients.index.get(newest) ?? clients.count - 1;
    write(last, i < 0 ? "No client has reported yet. Say where one is, and it appears here." : `${some(clients.count, "client")}. Last: ${said(i)}.`);
    write(note, clients.count >= mostClients ? `the first ${count(mostClients)}` : "");
  }, 200);
}

new ResizeObserver(() => {
  const { clientWidth: width, clientHeight: height } = element;
  const ratio = devicePixelRatio || 1;
  for (const context of [world, dots, live]) {
    context.canvas.width = Math.round(width * ratio);
    context.canvas.height = Math.round(height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
  }
  view.resize(width, height);
  view.changed();
}).observe(element);

onLook(() => {
  for (const name of ["land", "border", "grid", "line", "client", "message", "card"]) look[name] = colour(name);
  view.changed();
});

document.getElementById("zoom-in").addEventListener("click", () => view.by(1.6));
document.getElementById("zoom-out").addEventListener("click", () => view.by(1 / 1.6));
document.getElementById("zoom-world").addEventListener("click", () => view.world());

fetch("countries-110m.json").then((answer) => answer.json()).then((topology) => {
  atlas = {
    land: topojson.feature(topology, topology.objects.land),
    borders: topojson.mesh(topology, topology.objects.countries, (a, b) => a !== b),
  };
  view.changed();
});
