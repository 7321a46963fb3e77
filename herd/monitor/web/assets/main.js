// The page begins here: its parts, and above them how all is.

import "./settings.js";
import "./map.js";
import "./graph.js";
import "./feed.js";
import "./tables.js";
import "./say.js";
import { clients, herd, on, stateOf } from "./state.js";
import { follow } from "./stream.js";
import { count, rate, some, write } from "./text.js";

const verdict = document.getElementById("verdict");
const totals = Object.fromEntries(["clients", "reports", "questions", "peers"].map((name) => [name, document.getElementById(`total-${name}`)]));

on("herd", () => {
  write(document.getElementById("herd-name"), herd.name === "herd" ? "live" : herd.name);
  document.title = `${herd.name}, live`;
});

function judge() {
  const states = herd.servers.map(stateOf);
  const silent = states.filter((s) => s === "down").length;
  const waiting = states.filter((s) => s === "wait").length;
  const down = herd.links.filter((l) => l.state !== "up").length;
  const behind = herd.links.filter((l) => l.state === "up" && l.sync !== "in_sync").length;
  const all = `${some(herd.servers.length, "server")}, ${some(herd.links.length, "link")}`;
  let [state, text] = ["good", `All in sync: ${all}`];
  if (waiting > 0) [state, text] = ["wait", "Waiting for the herd"];
  else if (silent > 0) [state, text] = ["bad", `${silent} of ${some(states.length, "server")} down`];
  else if (down > 0) [state, text] = ["bad", `${down} of ${some(herd.links.length, "link")} down`];
  else if (behind > 0) [state, text] = ["wait", `${behind} of ${some(herd.links.length, "link")} not in sync yet`];
  verdict.dataset.state = state;
  write(verdict, text);
  const sum = (key) => herd.servers.reduce((total, s) => total + s.rates[key], 0);
  write(totals.reports, rate(sum("iamat")));
  write(totals.questions, rate(sum("whatsat")));
  write(totals.peers, rate(sum("peers")));
  write(totals.clients, count(Math.max(clients.count, ...herd.servers.map((s) => s.status?.records ?? 0))));
}

on("server", judge);
on("records", judge);
on("passed", () => write(totals.clients, count(clients.count)));

follow();
