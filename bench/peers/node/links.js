'use strict';
// Links to neighbours, dialled and accepted.

const net = require('node:net');
const { Lines, withoutCR } = require('./lines');
const handshake = require('./handshake');
const wire = require('./wire');

const FIRST = 200; // ms before the second attempt to dial
const MOST = 5000;
const HEALTHY = 10000; // ms after which a link's end begins the waits anew
const CONNECT = 5000; // ms that one attempt may take
const STEP = 64; // records that are sent before others have their turn

/** A connection with a neighbour. Until the handshake is done it is nobody's. */
class Link {
  // -- framing --
  #links;
  #socket;
  #conn;
  #lines = new Lines(wire.MAX_HANDSHAKE_LINE);
  #handshake;
  #timeout;
  #open = false;
  #losing; // why we end it
  #changed = new Set(); // ids of clients, while the neighbour is slow

  constructor(links, socket, role, to) {
    this.#links = links;
    this.#socket = socket;
    this.role = role;
    this.peer = to;
    this.boot = undefined;
    this.#handshake = new handshake.Handshake(links.identity, role, to);
    this.#conn = links.server.log.opened('peer', socket);
    socket.setEncoding('latin1');
    socket.setNoDelay(true);
    socket.setKeepAlive(true);
    socket.on('data', this.#guarded((text) => this.#received(text)));
    socket.on('drain', this.#guarded(() => this.#sendChanged()));
    socket.on('error', () => {}); // 'close' follows
    socket.on('close', () => this.#gone());
    this.#timeout = setTimeout(() => this.lose('handshake_timeout'), handshake.TIMEOUT);
    this.#write(this.#handshake.start());
  }

  /** An exception that leaves an event's listener would end the whole process. */
  #guarded(listener) {
    return (...args) => {
      this.#links.cork();
      try {
        listener(...args);
      } catch (e) {
        this.#links.server.log.event('error', 'link', { error: e.stack });
        this.lose('error');
      } finally {
        this.#links.uncork();
      }
    };
  }

  #received(text) {
    if (this.#losing) return;
    this.#lines.add(text);
    for (let line = this.#lines.take(); line !== null && !this.#losing; line = this.#lines.take()) {
      this.#links.server.log.came(this.#conn, line);
      if (this.#open) this.#update(withoutCR(line));
      else this.#shake(withoutCR(line));
    }
    if (this.#lines.overlong) this.lose('line_too_long');
  }

  #write(text) {
    if (text === '') return;
    this.#links.server.log.went(this.#conn, text);
    this.#socket.write(text, 'latin1');
  }

  // -- handshake --
  #shake(line) {
    try {
      const { send, done } = this.#handshake.receive(line);
      this.#write(send);
      if (done) this.#proved();
    } catch (e) {
      if (!(e instanceof handshake.Refused)) throw e;
      this.#write(e.send);
      this.lose(e.message);
    }
  }

  #proved() {
    clearTimeout(this.#timeout);
    this.#open = true;
    this.#lines.most = wire.MAX_PEER_LINE + 1;
    this.peer = this.#handshake.peer;
    this.boot = this.#handshake.boot;
    this.#conn = this.#links.server.log.named(this.#conn, this.peer);
    this.#links.opened(this);
  }

  // -- flood --
  #update(line) {
    const record = this.#links.server.node.receivePeer(line);
    if (record) this.#links.flood(record, this);
    else if (record === undefined) this.#links.server.log.event('warn', 'line dropped', { peer: this.peer, error: 'not an AT line' });
  }

  /** Send everything, and from now on what is new. */
  begin() {
    for (const id of this.#links.server.node.records.keys()) this.#changed.add(id);
    this.#sendChanged();
  }

  /**
   * Send a record; or, while the neighbour is slow, note whose it is, and not each
   * line, so that a slow neighbour costs bounded memory.
   */
  put(record) {
    if (this.#full) this.#changed.add(record.id);
    else this.#write(record.line);
  }

  get #full() {
    return this.#socket.writableLength > this.#links.server.settings.peerOutput;
  }

  #sendChanged() {
    const { records } = this.#links.server.node;
    let sent = 0;
    for (const id of this.#changed) {
      if (this.#full || sent++ === STEP) break;
      this.#changed.delete(id);
      this.#write(records.get(id).line);
    }
    // 'drain' calls again where the socket has had enough; else others come first.
    if (this.#changed.size > 0 && !this.#full) setImmediate(this.#guarded(() => this.#sendChanged()));
  }

  cork() { this.#socket.cork(); }

  uncork() { this.#socket.uncork(); }

  // -- reconnection --

  /** End the link for a reason of ours; what was written is sent still. */
  lose(why) {
    if (this.#losing) return;
    this.#losing = why;
    this.#socket.destroySoon();
  }

  /** The server stops: the link ends once its neighbour has everything. */
  finish() {
    if (this.#changed.size > 0) setTimeout(() => this.finish(), 10);
    else this.lose('server_stopping');
  }

  #gone() {
    clearTimeout(this.#timeout);
    this.#changed.clear();
    const why = this.#losing ?? (this.#socket.errored ? 'lost' : 'done');
    this.#links.server.log.closed(this.#conn, why);
    this.#links.lost(this, why, this.#open);
  }
}

/** Dials one neighbour, again and again, unless it has dialled us. */
class Neighbour {
  #links;
  #address;
  #delay = FIRST;
  #again;
  #healthy;

  constructor(links, { name, address }) {
    this.#links = links;
    this.name = name;
    this.#address = address;
    this.link = null;
    this.#dial();
  }

  #dial() {
    const socket = net.connect({ ...this.#address });
    const late = setTimeout(() => socket.destroy(), CONNECT);
    socket.on('error', () => {}); // 'close' follows
    socket.on('connect', () => {
      clearTimeout(late);
      new Link(this.#links, socket, 'dialler', this.name);
    });
    socket.on('close', () => {
      clearTimeout(late);
      this.#retry();
    });
  }

  #retry() {
    // While a link is open that the neighbour has dialled there is nothing to do.
    if (this.link || this.#again || this.#links.server.stopping) return;
    this.#again = setTimeout(() => {
      this.#again = undefined;
      if (!this.link) this.#dial();
    }, this.#delay * jitter());
    this.#delay = Math.min(this.#delay * Math.E, MOST);
  }

  up(link) {
    this.link = link;
    clearTimeout(this.#healthy);
    this.#healthy = setTimeout(() => { this.#delay = FIRST; }, HEALTHY);
  }

  down() {
    this.link = null;
    clearTimeout(this.#healthy);
    this.#retry();
  }

  stop() {
    clearTimeout(this.#again);
  }
}

/** Normally distributed around 1, by 12 %. */
function jitter() {
  return 1 + 0.12 * Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}

/** All neighbours, and which link to each of them stays. */
class Links {
  #neighbours = new Map();

  constructor(server) {
    const { herd, name, neighbours, future, keys } = server.settings;
    this.server = server;
    this.onlookers = []; // called with each record that is passed on // -- fence --
    this.identity = new handshake.Identity({ herd, name, neighbours: neighbours.map((n) => n.name), future, keys });
  }

  dial() {
    for (const n of this.server.settings.neighbours) this.#neighbours.set(n.name, new Neighbour(this, n));
  }

  accept(socket) {
    new Link(this, socket, 'acceptor');
  }

  opened(link) {
    const neighbour = this.#neighbours.get(link.peer);
    const old = neighbour.link;
    if (old) {
      const decision = handshake.stays(this.identity.name, old, link);
      if (decision.link === old) {
        link.lose(decision.why);
        return;
      }
      old.lose(decision.why);
    }
    this.server.log.event('info', 'peer connected', { peer: link.peer, role: link.role, boot: link.boot });
    neighbour.up(link);
    link.begin();
  }

  lost(link, why, wasOpen) {
    const neighbour = this.#neighbours.get(link.peer);
    if (neighbour?.link === link) {
      this.server.log.event('info', 'peer disconnected', { peer: link.peer, reason: why });
      neighbour.down();
    } else if (!wasOpen) {
      this.server.log.event('warn', 'link refused', { peer: link.peer ?? 'nobody', reason: why });
    }
  }

  get open() {
    return [...this.#neighbours.values()].filter((n) => n.link).map((n) => n.link);
  }

  // -- flood --

  /** Tell every neighbour but the one that it came from. */
  flood(record, source) {
    for (const onlooker of this.onlookers) onlooker(record); // -- fence --
    for (const { link } of this.#neighbours.values()) {
      if (link && link !== source) link.put(record);
    }
  }

  /** Between the two, what is written to links is collected, to leave in one piece. */
  cork() {
    for (const { link } of this.#neighbours.values()) link?.cork();
  }

  uncork() {
    for (const { link } of this.#neighbours.values()) link?.uncork();
  }

  // -- reconnection --
  finish() {
    for (const neighbour of this.#neighbours.values()) neighbour.stop();
    for (const link of this.open) link.finish();
  }
}

module.exports = { Links };
