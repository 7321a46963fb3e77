'use strict'; // -- fence --
// A second service of the server: a geofence that follows its records.
//
//     node server.js --config herd.json --name Gasol --fence 12500
//
// docs/geofence.md is its protocol.

// -- fence --

const { Lines, withoutCR } = require('./lines');
const wire = require('./wire');

const MAX_LINE = 4096; // bytes, without the LF
const MOST_FENCES = 1000; // in one server
const MOST_UNSENT = 1 << 20; // bytes that may wait for a client
const EARTH = 6371; // km, the radius of the sphere on which distances are
const EDGE = 1e-6; // km, by which rounding must not put a place outside that is on the edge
const STEP = 1000; // records that a new fence is shown before others have their turn

const RADIUS = /^[0-9]+(?:\.[0-9]+)?$/;

/** A location, which was checked, as a point of the unit sphere. */
function placeOf(location) {
  const [latitude, longitude] = wire.parseLocation(location).map((text) => Number(text) * Math.PI / 180);
  return [Math.cos(latitude) * Math.cos(longitude), Math.cos(latitude) * Math.sin(longitude), Math.sin(latitude)];
}

/** A circle, and who is in it. */
class Fence {
  #centre;
  #reach;
  #inside = new Map(); // by id: while the fence is opening, the line that will say so
  #opening = true;

  constructor(watcher, name, centre, radius) {
    this.watcher = watcher;
    this.name = name;
    this.#centre = centre;
    // The square of the straight line to the edge: cosines of small angles are all
    // too close to 1. From half of the earth's girth on it is all of the earth.
    const angle = (radius + EDGE) / EARTH;
    this.#reach = angle < Math.PI ? (2 * Math.sin(angle / 2)) ** 2 : Infinity;
  }

  saw(record, [x, y, z]) {
    const [a, b, c] = this.#centre;
    const inside = (x - a) ** 2 + (y - b) ** 2 + (z - c) ** 2 <= this.#reach;
    const was = this.#inside.has(record.id);
    if (inside && this.#opening) {
      this.#inside.set(record.id, this.#line('ENTER', record));
    } else if (inside && !was) {
      this.#inside.set(record.id, '');
      this.watcher.tell(this.#line('ENTER', record));
    } else if (was && !inside) {
      this.#inside.delete(record.id);
      if (!this.#opening) this.watcher.tell(this.#line('LEAVE', record));
    }
  }

  #line(what, { id, location, order: [, , , , time] }) {
    return `${what} ${this.name} ${id} ${location} ${time}\n`;
  }

  /** The fence was shown every record: tell who is inside, in the order of ids. */
  opened() {
    this.#opening = false;
    let lines = '';
    for (const id of [...this.#inside.keys()].sort()) {
      lines += this.#inside.get(id);
      this.#inside.set(id, '');
    }
    if (lines !== '') this.watcher.tell(lines);
  }
}

/** All fences of a server, in the order in which they were set. */
class Fences {
  #fences = [];

  constructor(server) {
    this.records = server.node.records; // by id
    this.log = server.log;
  }

  /**
   * Carry out a watcher's line, and answer. The Fence, if it sets one, must be shown
   * every record, and opened.
   */
  receive(watcher, line) {
    const fence = this.#parse(watcher, line);
    if (fence) this.#fences.push(fence);
    watcher.tell(fence ? `OK ${fence.name}\n` : `? ${line}\n`);
    return fence;
  }

  #parse(watcher, line) {
    const parts = wire.fields(line);
    if (parts.length !== 4 || parts[0] !== 'FENCE' || this.#fences.length >= MOST_FENCES) return null;
    const [, name, location, radius] = parts;
    if (!wire.parseLocation(location) || !RADIUS.test(radius)) return null;
    if (this.#fences.some((f) => f.watcher === watcher && f.name === name)) return null;
    return new Fence(watcher, name, placeOf(location), Number(radius));
  }

  /** Show all fences a record that the server has taken. */
  passed(record) {
    if (this.#fences.length === 0) return;
    const place = placeOf(record.location);
    for (const fence of this.#fences) fence.saw(record, place);
  }

  leave(watcher) {
    this.#fences = this.#fences.filter((f) => f.watcher !== watcher);
  }
}

/** A connection of somebody who sets fences. */
class Session {
  #fences;
  #socket;
  #lines = new Lines(MAX_LINE);
  #opening = false; // no further line is read before a fence is open
  #closing = false;

  constructor(fences, socket) {
    this.#fences = fences;
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.setNoDelay(true);
    socket.on('data', this.#guarded((text) => this.#received(text)));
    socket.on('error', () => {}); // 'close' follows
    socket.on('close', () => this.#gone());
  }

  /** An exception that leaves an event's listener would end the whole process. */
  #guarded(listener) {
    return (...args) => {
      try {
        listener(...args);
      } catch (e) {
        this.#fences.log.event('error', "fence client's connection", { error: e.stack });
        this.#socket.destroy();
      }
    };
  }

  #received(text) {
    if (this.#closing) return;
    this.#lines.add(text);
    this.#carryOut();
  }

  #carryOut() {
    while (!this.#closing && !this.#opening) {
      const line = this.#lines.take();
      if (line === null) break;
      this.#line(line);
    }
    if (!this.#closing && !this.#opening && this.#lines.overlong) this.#tooLong();
  }

  #line(raw) {
    if (raw.length > MAX_LINE) {
      this.#tooLong();
      return;
    }
    const line = withoutCR(raw);
    const fence = this.#fences.receive(this, line);
    if (fence) this.#open(fence);
    else if (wire.isHTTP(line)) this.#end(); // what follows may be a web page's
  }

  /** Show a fence the records, some at a time. The map may change meanwhile. */
  #open(fence) {
    this.#opening = true;
    this.#socket.pause();
    const records = this.#fences.records.values();
    const step = this.#guarded(() => {
      for (let n = 0; n < STEP && !this.#closing; n++) {
        const { value: record, done } = records.next();
        if (done) {
          this.#opened(fence);
          return;
        }
        fence.saw(record, placeOf(record.location));
      }
      if (!this.#closing) setImmediate(step);
    });
    setImmediate(step);
  }

  #opened(fence) {
    fence.opened();
    this.#opening = false;
    this.#socket.resume();
    this.#carryOut();
  }

  #tooLong() {
    this.tell(`? line longer than ${MAX_LINE} bytes\n`);
    this.#end();
  }

  #end() {
    this.#closing = true;
    this.#socket.end();
  }

  /** Write. Whoever does not take what it is told is cut off. */
  tell(lines) {
    if (this.#socket.destroyed) return;
    this.#socket.write(lines, 'latin1');
    if (this.#socket.writableLength > MOST_UNSENT) {
      this.#fences.log.event('warn', 'fence client cut off', { client: this.#socket.remoteAddress, reason: 'slow_fence' });
      this.#socket.destroy();
    }
  }

  #gone() {
    this.#closing = true;
    this.#fences.leave(this);
  }
}

/** Add the service to a server, which listens as listen does. */
function join(server, listen) {
  const fences = new Fences(server);
  server.links.onlookers.push((record) => fences.passed(record));
  listen({ host: server.settings.clients.host, port: Number(server.settings.fence) }, {}, (socket) => new Session(fences, socket));
}

module.exports = { join };
