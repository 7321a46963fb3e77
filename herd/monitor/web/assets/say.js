// The place where one is a client: lines for a server, and what it answers.

import { clients, herd, on } from "./state.js";
import { post } from "./stream.js";
import { answered, found, near } from "./near.js";
import { onPick, showPins } from "./map.js";
import { tell } from "./feed.js";
import { iso6709, make, visible } from "./text.js";

const form = document.getElementById("say");
const server = document.getElementById("say-server");
const line = document.getElementById("say-line");
const send = form.querySelector(".main");
const answer = document.getElementById("answer");

const kiwi = "kiwi.cs.ucla.edu";
let place = [-118.445127, 34.06893];
let id = kiwi;

const now = () => (Date.now() / 1000).toFixed(3);
const iamat = () => `IAMAT ${id} ${iso6709(place[1], place[0])} ${now()}`;
const whatsat = () => `WHATSAT ${id} 10 5`;

function fill(text) {
  line.value = text;
  line.focus();
}

document.getElementById("fill-iamat").addEventListener("click", () => fill(iamat()));
document.getElementById("fill-whatsat").addEventListener("click", () => fill(whatsat()));
line.addEventListener("keydown", (e) => {
  if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) { e.preventDefault(); form.requestSubmit(); }
});

onPick((at, i) => {
  // A name with what the page had to escape is not the client's own.
  const name = i >= 0 ? clients.names[i] : "";
  if (name && !/[\\\u2026 ]/.test(name)) {
    id = name;
    place = [clients.longitude[i], clients.latitude[i]];
    line.value = whatsat();
    return;
  }
  place = at;
  line.value = iamat();
});

on("herd", () => {
  const chosen = server.value;
  server.replaceChildren(...herd.servers.map((s) => make("option", { value: s.name }, s.name)));
  if (herd.byName.has(chosen)) server.value = chosen;
  if (!line.value) line.value = iamat();
});

form.addEventListener("submit", async (e) => {
  e.preventDefault();
  const text = line.value.replace(/\r\n/g, "\n").replace(/\n+$/, "");
  if (!text) return;
  const to = server.value;
  send.disabled = true;
  answer.replaceChildren(make("p", { class: "answer-note" }, `Waiting for ${to}`));
  const began = performance.now();
  try {
    const bytes = await post(`say?server=${encodeURIComponent(to)}`, new TextEncoder().encode(text));
    show(text, new TextDecoder().decode(bytes), to, (performance.now() - began) / 1000);
    tell("plain", `Said to ${to}: ${visible(text.length > 120 ? `${text.slice(0, 120)}\u2026` : text)}`);
  } catch (err) {
    answer.replaceChildren(make("p", { class: "answer-line", "data-bad": "true" }, err.message));
  }
  send.disabled = false;
});

// show shows all answers: AT lines, lines that were not understood, and what a WHATSAT
// has found.
function show(text, answers, to, seconds) {
  const lines = answers.split("\n").slice(0, -1);
  const asked = text.split("\n").map((l) => l.trim().split(/\s+/)).filter((f) => f[0] === "WHATSAT");
  const parts = [make("p", { class: "answer-note" }, lines.length === 0 ? `${to} has said nothing.` : answered(to, seconds))];
  let last = null; // fields of the AT line before
  let pins = [];
  for (const l of lines) {
    const json = last && l.startsWith("{") ? parsed(l) : null;
    if (!json) {
      parts.push(make("p", { class: "answer-line mono", "data-bad": l.startsWith("?") }, visible(l)));
      last = l.startsWith("AT ") ? l.split(" ") : null;
      if (last) id = last[3];
      continue;
    }
    const question = asked.find((f) => f[1] === last[3]);
    const centre = coordinates(last[4]);
    const list = found(json);
    if (list && centre && question) {
      parts.push(near(last[3], centre, Number(question[2]), list));
      pins = list.filter((r) => r.at).map((r) => r.at);
    } else {
      parts.push(make("p", { class: "answer-note" }, "That is no list of places or tweets:"));
    }
    parts.push(make("details", list ? {} : { open: "" }, make("summary", {}, "The answer as it came"), make("pre", {}, visible(l))));
    last = null;
  }
  answer.replaceChildren(...parts);
  showPins(pins);
}

function parsed(text) {
  try { return JSON.parse(text); } catch { return null; }
}

// coordinates reads +34.068930-118.445127 as [longitude, latitude].
function coordinates(text) {
  const match = /^([+-]\d+(?:\.\d+)?)([+-]\d+(?:\.\d+)?)$/.exec(text);
  return match && [Number(match[2]), Number(match[1])];
}
