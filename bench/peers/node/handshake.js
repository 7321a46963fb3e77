'use strict';
// How two servers prove to each other that they have the herd's secret, and which
// of two links between them stays.

const crypto = require('node:crypto');
const wire = require('./wire');

// -- handshake --

const TIMEOUT = 2000; // ms from the connection to the second proof

/** The link is not to be. send is what the other end gets to know, if anything. */
class Refused extends Error {
  constructor(reason, send = '') {
    super(reason);
    this.send = send;
  }
}

/** Who we are, the same on all links. */
class Identity {
  constructor({ herd, name, neighbours, future, keys }) {
    Object.assign(this, { herd, name, neighbours, keys });
    this.future = String(future / wire.NANOS);
    this.boot = crypto.randomBytes(8).toString('hex');
  }
}

/**
 * One end of a link that is opening: HELLO and PROVE, the dialler first. We offer
 * no capabilities ("-"): AT lines, and a full dump when a link opens, are all that
 * a server must speak.
 */
class Handshake {
  #identity;
  #to;
  #nonce = crypto.randomBytes(32).toString('hex');
  #hellos = {}; // by role: both lines as they were sent, for the proofs
  #next = (line) => this.#hello(line);

  constructor(identity, role, to) {
    this.#identity = identity;
    this.role = role;
    this.#to = to;
    this.peer = this.boot = undefined; // the other end's; to be believed once done
  }

  /** What the dialler says first. */
  start() {
    return this.role === 'dialler' ? this.#sayHello() : '';
  }

  /** Take a line; {send, done}: what to say, and whether the link is open now. */
  receive(line) {
    if (line.length > wire.MAX_HANDSHAKE_LINE) throw new Refused('line_too_long');
    if (line.startsWith('REFUSED ')) throw new Refused(`refused: ${line.slice(8)}`);
    return this.#next(line);
  }

  #sayHello() {
    const i = this.#identity;
    const hello = `HELLO 1 ${i.herd} ${i.name} ${this.#to} ${this.role} ${i.future} - ${i.boot} ${this.#nonce}`;
    this.#hellos[this.role] = hello;
    return `${hello}\n`;
  }

  #hello(line) {
    const parts = wire.fields(line);
    if (parts[0] !== 'HELLO') throw new Refused('not_hello'); // to whom this is Greek, nothing is said
    const reason = this.#objection(parts);
    if (reason) throw new Refused(reason, `REFUSED ${reason}\n`);
    [, , , this.peer, , , , , this.boot] = parts;
    this.#hellos[parts[5]] = line;
    this.#next = (next) => this.#prove(next);
    if (this.role === 'dialler') return { send: this.#proof(this.role, this.#identity.keys[0]), done: false };
    this.#to = this.peer;
    return { send: this.#sayHello(), done: false };
  }

  #objection(parts) {
    const i = this.#identity;
    if (parts[1] !== '1') return 'wrong_version';
    if (parts.length !== 10 || !/^[0-9a-f]{16}$/.test(parts[8]) || !/^[0-9a-f]{64}$/.test(parts[9])) return 'bad_hello';
    const [, , herd, from, to, role, future, caps, , nonce] = parts;
    if (herd !== i.herd) return 'wrong_herd';
    if (role === this.role || !['dialler', 'acceptor'].includes(role)) return 'wrong_role';
    if (to !== i.name) return 'wrong_recipient';
    if (this.role === 'dialler' && from !== this.#to) return 'wrong_peer';
    if (!i.neighbours.includes(from)) return 'unknown_peer';
    if (future !== i.future) return 'wrong_future';
    if (nonce === this.#nonce) return 'own_nonce';
    if (caps.split(',').includes('mac')) return 'wrong_link_mac';
    return undefined;
  }

  #prove(line) {
    const parts = wire.fields(line);
    if (parts.length !== 2 || parts[0] !== 'PROVE') throw new Refused('not_prove');
    const theirs = this.role === 'dialler' ? 'acceptor' : 'dialler';
    for (const key of this.#identity.keys) { // two, while the secret is being replaced
      if (same(parts[1], this.#mac(theirs, key))) {
        // Answered with the key that the dialler has.
        return { send: this.role === 'dialler' ? '' : this.#proof(this.role, key), done: true };
      }
    }
    throw new Refused('bad_proof', 'REFUSED bad_proof\n');
  }

  #proof(role, key) {
    return `PROVE ${this.#mac(role, key)}\n`;
  }

  #mac(role, key) {
    const text = [role, this.#hellos.dialler, this.#hellos.acceptor].join('\n');
    return crypto.createHmac('sha256', Buffer.from(key, 'latin1')).update(text, 'latin1').digest('hex');
  }
}

/** Compare in a time that does not tell where they differ. */
function same(a, b) {
  return a.length === b.length && crypto.timingSafeEqual(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1'));
}

/**
 * Which of two links to one neighbour stays, and why the other goes. Both ends
 * come to the same decision: of two links between the same two processes, the one
 * dialled by the lower name stays.
 */
function stays(name, old, link) {
  if (old.boot === link.boot && old.role !== link.role) {
    const oldByLower = (old.role === 'dialler') === name < old.peer;
    return { link: oldByLower ? old : link, why: 'duplicate_link' };
  }
  return { link, why: 'replaced' };
}

module.exports = { TIMEOUT, Refused, Identity, Handshake, stays };
