'use strict';
// -- log --

const fs = require('node:fs');
const path = require('node:path');

/** In double quotes, with escapes: no client can forge a record of the log. */
function quote(text) {
  return `"${text.replace(/[^ !#-[\]-~]/g, (c) => (c === '"' || c === '\\' ? `\\${c}` : `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`))}"`;
}

/** Any text, as bytes. */
const bytes = (value) => Buffer.from(String(value), 'utf8').toString('latin1');

/**
 * The log file, written by a stream of Node.js's: the loop never waits for the disk,
 * and what the disk does not take stays in memory.
 */
class WireLog {
  #stream;
  #lines;
  #numbers = { client: 0, peer: 0 };

  constructor(file, lines) {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    this.#stream = fs.createWriteStream(file, { flags: 'a', encoding: 'latin1' });
    this.#stream.on('error', (e) => process.emitWarning(`the log: ${e.message}`));
    this.#lines = lines;
  }

  #record(text) {
    this.#stream.write(`${new Date().toISOString().slice(0, -1)}000Z ${text}\n`);
  }

  /** Note a new connection; return what to call it: client#12, or peer#3=Meeks. */
  opened(kind, socket) {
    const conn = `${kind}#${++this.#numbers[kind]}`;
    this.#record(`+ ${conn} ${quote(`${socket.remoteAddress}:${socket.remotePort}`)}`);
    return conn;
  }

  named(conn, name) {
    const named = `${conn}=${/^[!#-<>-[\]-~]+$/.test(name) ? name : quote(name)}`;
    this.#record(`= ${named} ${quote(name)}`);
    return named;
  }

  closed(conn, why) {
    this.#record(`- ${conn} ${quote(bytes(why))}`);
  }

  came(conn, line, end = '') {
    if (this.#lines) this.#record(`< ${conn} ${quote(line)}${end}`);
  }

  went(conn, text) {
    if (!this.#lines) return;
    for (const line of text.slice(0, -1).split('\n')) this.#record(`> ${conn} ${quote(line)}`);
  }

  event(level, text, words = {}) {
    const more = Object.entries(words).map(([key, value]) => ` ${key}=${quote(bytes(value))}`);
    this.#record(`! ${level} ${quote(text)}${more.join('')}`);
  }

  close(then) {
    this.#stream.end(then);
  }
}

module.exports = { WireLog };
