// What is known of the herd. It draws nothing; the parts of the page are told of what
// changes, by name, and read the rest here.

import { Clients } from "./clients.js";

const listeners = new Map();

/** on calls f with what emit is given under that name. */
export function on(name, f) {
  if (!listeners.has(name)) listeners.set(name, []);
  listeners.get(name).push(f);
}

function emit(name, value) {
  for (const f of listeners.get(name) ?? []) f(value);
}

/** clients are the clients that are known, and where they are. */
export const clients = new Clients();

/** herd is the rest. */
export const herd = {
  name: "",
  servers: [], // each as newServer has it, in the order of the config
  byName: new Map(),
  links: [], // {a, b, state, sync, ...}: one for each two that talk
  stage: null, // as package web's State; null: there is none
};

const newServer = (s) => ({
  ...s,
  status: null, // as herd.Status; null: it says nothing
  trouble: "", // why
  rates: { iamat: 0, whatsat: 0, peers: 0 }, // a second
});

/** events has, by the name of each of the stream's events, what it changes. */
export const events = {
  hello(hello) {
    herd.name = hello.herd;
    herd.servers = hello.servers.map(newServer);
    herd.byName = new Map(herd.servers.map((s) => [s.name, s]));
    herd.links = [];
    for (const a of herd.servers) {
      for (const name of a.talks_to ?? []) {
        if (a.name < name) herd.links.push({ a: a.name, b: name, state: "unknown", sync: "unknown", reason: "", roundTrip: 0 });
      }
    }
    herd.stage = null;
    emit("herd");
  },

  server({ name, status, trouble }) {
    const server = herd.byName.get(name);
    if (!server) return;
    if (status && status.name !== name) {
      status = null;
      trouble = "another server answers at its HTTP port";
    }
    const before = server.status;
    const was = { status: before, trouble: server.trouble };
    server.trouble = status ? "" : trouble;
    server.status = status ?? null;
    server.rates = status ? ratesOf(server, status) : { iamat: 0, whatsat: 0, peers: 0 };
    for (const link of herd.links) if (link.a === name || link.b === name) judge(link);
    emit("server", { server, was });
  },

  passed({ name, passed }) {
    for (const p of passed) {
      const [id, latitude, longitude, server, time, when] = p.record;
      const change = clients.put(id, latitude, longitude, server, time, when);
      emit("passed", { at: p.at * 1000, by: name, from: p.from, to: p.to ?? [], id, latitude, longitude, server, time, when, change });
    }
  },

  records(list) {
    for (const [id, latitude, longitude, server, time, when] of list) clients.put(id, latitude, longitude, server, time, when);
    emit("records", list.length);
  },

  walked(name) {
    // While the herd is in pieces, each has what the others have not.
    const most = Math.max(...herd.servers.map((s) => s.status?.records ?? 0));
    clients.walked(herd.byName.get(name)?.status?.records === most);
    emit("records", 0);
  },

  stage(stage) {
    herd.stage = stage;
    for (const link of herd.links) judge(link);
    emit("stage");
  },

  lost() { // the stream itself
    for (const server of herd.servers) events.server({ name: server.name, trouble: "this page has lost the program that serves it" });
    emit("lost");
  },
};

// ratesOf works out how many a second there were, over the last two seconds or so.
function ratesOf(server, status) {
  const at = Date.parse(status.time);
  const c = status.counters;
  const now = { at, boot: status.boot, iamat: c.iamat, whatsat: c.whatsat, peers: c.peer_taken + c.peer_stale };
  const past = (server.past ?? []).filter((p) => p.boot === now.boot && at - p.at < 2500);
  server.past = [...past, now];
  const seconds = (at - server.past[0].at) / 1000;
  const each = (key) => (seconds > 0 ? (now[key] - server.past[0][key]) / seconds : 0);
  return { iamat: each("iamat"), whatsat: each("whatsat"), peers: each("peers") };
}

// judge says how a link is, from what both ends say.
function judge(link) {
  const ends = [[link.a, link.b], [link.b, link.a]].map(([me, other]) => herd.byName.get(me).status?.links.find((l) => l.peer === other));
  const known = ends.filter(Boolean);
  const up = known.length > 0 && known.every((l) => l.up);
  const newest = known.filter((l) => l.sync !== "unknown").sort((x, y) => Date.parse(y.checked) - Date.parse(x.checked))[0];
  link.cut = (herd.stage?.cut ?? []).some(([a, b]) => (a === link.a && b === link.b) || (a === link.b && b === link.a));
  link.sync = up ? (newest?.sync ?? "unknown") : "unknown";
  link.roundTrip = up ? Math.max(...known.map((l) => l.round_trip_seconds)) : 0;
  link.waiting = known.reduce((sum, l) => sum + l.waiting_bytes, 0);
  link.state = up ? "up" : known.length > 0 || bothAway(link) ? "down" : "unknown";
  if (link.cut && !up) link.state = "cut";
}

const bothAway = (link) => [link.a, link.b].some((name) => herd.byName.get(name).trouble !== "");

/** stateOf is how a server is: up, behind, down, or wait before it is known. */
export function stateOf(server) {
  if (!server.status) return server.trouble ? "down" : "wait";
  const links = herd.links.filter((l) => l.state === "up" && (l.a === server.name || l.b === server.name));
  return links.every((l) => l.sync === "in_sync") ? "up" : "behind";
}

/** edge is the link between two servers. */
export const edge = (a, b) => herd.links.find((l) => (l.a === a && l.b === b) || (l.a === b && l.b === a));
