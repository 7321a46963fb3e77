'use strict';
// -- framing --

/** Cuts what comes over a socket into lines; Node.js leaves that to everybody. */
class Lines {
  #text = ''; // without a LF, once take has returned null
  #at = 0;

  /** @param most characters that a line may have before its LF */
  constructor(most) {
    this.most = most;
  }

  add(text) {
    this.#text = this.#at < this.#text.length ? this.#text.slice(this.#at) + text : text;
    this.#at = 0;
  }

  /** The next line without its LF; null if there is none yet. */
  take() {
    const end = this.#text.indexOf('\n', this.#at);
    if (end < 0) return null;
    const line = this.#text.slice(this.#at, end);
    this.#at = end + 1;
    return line;
  }

  /** Whether what waits for its LF is too long already. */
  get overlong() {
    return this.#text.length - this.#at > this.most;
  }

  /** What is left, and nothing after it. */
  clear() {
    const rest = this.#text.slice(this.#at);
    this.#text = '';
    this.#at = 0;
    return rest;
  }
}

const withoutCR = (line) => (line.endsWith('\r') ? line.slice(0, -1) : line);

module.exports = { Lines, withoutCR };
