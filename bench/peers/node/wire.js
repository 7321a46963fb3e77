'use strict';
// The lines of clients and neighbours, read and written. Text here is bytes, one
// a character (latin1): an id need not be UTF-8, and comparing texts so compares
// their bytes. Times are BigInts of nanoseconds: a number's step is 238 ns today.

// -- commands --

const MAX_CLIENT_LINE = 16384; // bytes, without the line's end
const MAX_PEER_LINE = 32768;
const MAX_HANDSHAKE_LINE = 4096;
const MAX_LIMIT = 100; // results of a WHATSAT; Twitter's search names no largest radius
const NANOS = 1000000000n;

const TOO_LONG = `? line longer than ${MAX_CLIENT_LINE} bytes\n`;

// Exactly the protocol's six kinds of white space: \s would take 0xA0 too.
const FIELDS = /[^ \t\r\n\f\v]+/g;
const LOCATION = /^([+-])([0-9]+)(?:\.([0-9]+))?([+-])([0-9]+)(?:\.([0-9]+))?$/;
const TIME = /^([0-9]{1,12})(?:\.([0-9]{1,9}))?$/;
const DIFFERENCE = /^([+-])([0-9]{1,13})\.([0-9]{9})$/;
const NUMBER = /^[0-9]+(?:\.[0-9]+)?$/;
const WHOLE = /^0*([0-9]{1,3})$/;
const HTTP = / HTTP\/1\.[0-9][ \t\r\n\f\v]*$/;

/** The time; Node.js has no finer clock of the day than milliseconds. */
const now = () => BigInt(Date.now()) * 1000000n;

const fields = (line) => line.match(FIELDS) ?? [];

/** Whether a number is within bound, exactly, however many digits it has. */
function within(whole, part, bound) {
  const digits = whole.replace(/^0+/, '');
  if (digits.length > 3) return false;
  return Number(digits) < bound || (Number(digits) === bound && !/[1-9]/.test(part ?? ''));
}

/** [latitude, longitude] as their own texts, or null. */
function parseLocation(text) {
  const m = LOCATION.exec(text);
  if (!m || !within(m[2], m[3], 90) || !within(m[5], m[6], 180)) return null;
  const middle = text.search(/[+-][^+-]*$/);
  return [text.slice(0, middle), text.slice(middle)];
}

/** Nanoseconds since 1970, or null. */
function parseTime(text) {
  const m = TIME.exec(text);
  return m && BigInt(m[1]) * NANOS + BigInt((m[2] ?? '').padEnd(9, '0'));
}

function parseDifference(text) {
  const m = DIFFERENCE.exec(text);
  if (!m) return null;
  const value = BigInt(m[2]) * NANOS + BigInt(m[3]);
  return m[1] === '-' ? -value : value;
}

/** Always signed, with nine decimals: +0.563873386. */
function formatDifference(nanos) {
  const size = nanos < 0n ? -nanos : nanos;
  return `${nanos < 0n ? '-' : '+'}${size / NANOS}.${String(size % NANOS).padStart(9, '0')}`;
}

/** Whether a line is a web browser's request: what follows may be a web page's. */
const isHTTP = (line) => HTTP.test(line);

/** A report of a client's place, as its AT line tells it to every server. */
class Record {
  constructor(server, difference, id, location, time, client, received, future) {
    this.id = id;
    this.location = location;
    this.line = `AT ${server} ${difference} ${id} ${location} ${time}\n`;
    const latest = received + future;
    this.order = [client < latest ? client : latest, client, server, location, time, difference];
  }

  /** Whether this is the newer of two records of one client: so say all servers. */
  newerThan(other) {
    for (let i = 0; i < this.order.length; i++) {
      if (this.order[i] !== other.order[i]) return this.order[i] > other.order[i];
    }
    return false;
  }
}

/** The record of a neighbour's AT line, or null if it cannot be read. */
function parseAT(line, future) {
  const parts = fields(line);
  if (parts.length !== 6 || parts[0] !== 'AT' || line.length > MAX_PEER_LINE) return null;
  const [, server, difference, id, location, time] = parts;
  const client = parseTime(time);
  const delta = parseDifference(difference);
  if (client === null || delta === null || !parseLocation(location)) return null;
  return new Record(server, difference, id, location, time, client, client + delta, future);
}

/** What one server knows, and how it answers. */
class Node {
  constructor(name, future) {
    this.name = name;
    this.future = future; // nanoseconds
    this.records = new Map(); // by id
  }

  /** Carry out a client's line, given without its end: {answer, flood?, query?}. */
  receive(line, received) {
    const parts = fields(line);
    let result = null;
    if (parts.length === 4 && parts[0] === 'IAMAT') result = this.report(parts, received);
    if (parts.length === 4 && parts[0] === 'WHATSAT') result = this.question(parts);
    return result ?? { answer: `? ${line}\n` };
  }

  report([, id, location, time], received) {
    const client = parseTime(time);
    if (client === null || !parseLocation(location)) return null;
    const difference = formatDifference(received - client);
    const record = new Record(this.name, difference, id, location, time, client, received, this.future);
    return { answer: record.line, flood: this.put(record) ? record : undefined };
  }

  question([, id, radius, limit]) {
    const record = this.records.get(id);
    const m = WHOLE.exec(limit);
    if (!record || !NUMBER.test(radius) || !m || Number(m[1]) > MAX_LIMIT) return null;
    const [latitude, longitude] = parseLocation(record.location);
    return { answer: record.line, query: { latitude, longitude, radius, limit: Number(m[1]) } };
  }

  // -- flood --

  /** Store a record if it is newer; only then is it anybody else's business. */
  put(record) {
    const old = this.records.get(record.id);
    if (old && !record.newerThan(old)) return false;
    this.records.set(record.id, record);
    return true;
  }

  /** The record of a neighbour's line if it is new here, null if not, undefined for no AT line. */
  receivePeer(line) {
    const record = parseAT(line, this.future);
    if (!record) return undefined;
    return this.put(record) ? record : null;
  }
}

module.exports = { MAX_CLIENT_LINE, MAX_PEER_LINE, MAX_HANDSHAKE_LINE, NANOS, TOO_LONG, Node, now, fields, isHTTP, parseLocation }; // -- fence: changed --
