'use strict';
// Clients' connections.

const { Lines, withoutCR } = require('./lines');
const jsontext = require('./jsontext');
const wire = require('./wire');

const CLOSE_TIMEOUT = 10000; // ms from our goodbye to the end of the connection

class Session {
  // -- framing --
  #server;
  #socket;
  #conn;
  #lines = new Lines(wire.MAX_CLIENT_LINE + 1); // and the CR of a CRLF
  #answers = []; // behind a WHATSAT that waits: {text, ready}
  #waiting = 0; // WHATSATs among them
  #holds = new Set(); // why no commands are read
  #first = true;
  #ended = false; // the client has said everything
  #closing = false; // nothing more is carried out
  #goodbye = false; // nothing more is written
  #cut;

  constructor(server, socket) {
    this.#server = server;
    this.#socket = socket;
    this.#conn = server.log.opened('client', socket);
    socket.setEncoding('latin1');
    socket.setNoDelay(true);
    socket.on('data', this.#guarded((text) => this.#received(text)));
    socket.on('end', this.#guarded(() => this.#halfClosed()));
    socket.on('drain', this.#guarded(() => this.#release('output')));
    socket.on('error', () => {}); // 'close' follows
    socket.on('close', () => this.#gone());
  }

  /** An exception that leaves an event's listener would end the whole process. */
  #guarded(listener) {
    return (...args) => {
      // The neighbours' lines leave before the answers that acknowledge them.
      this.#socket.cork();
      this.#server.links.cork();
      try {
        listener(...args);
      } catch (e) {
        this.#server.log.event('error', "client's connection", { error: e.stack });
        this.#socket.destroy();
      } finally {
        this.#server.links.uncork();
        this.#socket.uncork();
      }
    };
  }

  #received(text) {
    if (this.#closing) return;
    this.#lines.add(text);
    this.#carryOutLines();
  }

  #carryOutLines() {
    while (!this.#closing && this.#holds.size === 0) {
      const line = this.#lines.take();
      if (line === null) break;
      this.#line(line, '');
    }
    if (!this.#closing && this.#holds.size === 0) {
      if (this.#lines.overlong) this.#tooLong();
      else if (this.#ended) this.#last();
    }
  }

  #line(raw, end) {
    this.#server.log.came(this.#conn, raw, end);
    const line = withoutCR(raw);
    if (line.length > wire.MAX_CLIENT_LINE) {
      this.#tooLong();
      return;
    }
    const first = this.#first;
    this.#first = false;
    this.#carryOut(line);
    if ((first && wire.isHTTP(line)) || this.#server.settings.closeAfterReply) this.close();
  }

  #tooLong() {
    this.#answer(wire.TOO_LONG);
    this.close();
  }

  #halfClosed() {
    this.#ended = true;
    if (this.#closing) this.#endIfAnswered();
    else if (this.#holds.size === 0) this.#last();
  }

  /** The client has said everything: what is left without an end is a line. */
  #last() {
    const rest = this.#lines.clear();
    if (rest !== '') this.#line(rest, ' open');
    this.#closing = true;
    this.#endIfAnswered();
  }

  #hold(why) {
    this.#holds.add(why);
    this.#socket.pause();
  }

  #release(why) {
    if (!this.#holds.delete(why) || this.#holds.size > 0) return;
    this.#carryOutLines();
    if (this.#holds.size === 0) this.#socket.resume();
  }

  // -- commands --

  /** A command takes effect now; its answer waits for its turn. */
  #carryOut(line) {
    if (this.#server.settings.faults && line.startsWith('FAULT ')) {
      this.#fault(line.slice(6));
      return;
    }
    const result = this.#server.node.receive(line, wire.now());
    if (result.flood) this.#server.links.flood(result.flood, null);
    if (result.query) this.#ask(result);
    else this.#answer(result.answer);
  }

  #ask({ answer: text, query }) {
    const answer = { text, ready: false };
    this.#answers.push(answer);
    this.#waiting++;
    if (this.#waiting >= this.#server.settings.whatsatsPerClient) this.#hold('whatsats');
    this.#server.upstream.ask(query).catch((e) => {
      this.#server.log.event('error', 'upstream failed', { error: e.stack });
      return jsontext.error('This server could not ask. Its log says why.');
    }).then(this.#guarded((json) => this.#answered(answer, json)));
  }

  #answered(answer, json) {
    answer.text += `${json}\n`;
    answer.ready = true;
    this.#waiting--;
    while (this.#answers.length > 0 && this.#answers[0].ready) this.#write(this.#answers.shift().text);
    this.#release('whatsats');
    if (this.#closing) this.#endIfAnswered();
  }

  #answer(text) {
    if (this.#answers.length > 0) this.#answers.push({ text, ready: true });
    else this.#write(text);
  }

  #write(text) {
    if (this.#socket.destroyed) return; // the client has gone meanwhile
    this.#server.log.went(this.#conn, text);
    this.#socket.write(text, 'latin1');
    // Whoever does not take the answers is not read any further.
    if (this.#socket.writableLength > this.#server.settings.outputPerClient) this.#hold('output');
  }

  /** Say goodbye once everything is answered, and carry out no further command. */
  close() {
    this.#closing = true;
    this.#holds.clear();
    this.#socket.resume(); // to drop what comes
    this.#endIfAnswered();
  }

  #endIfAnswered() {
    if (this.#answers.length > 0 || this.#goodbye) return;
    this.#goodbye = true;
    this.#cut = setTimeout(() => this.#socket.destroy(), CLOSE_TIMEOUT);
    // Half of the connection: closed with something unread it would be reset, and
    // the reset might overtake our last line.
    this.#socket.end();
    if (this.#server.stopping) this.#socket.destroySoon();
  }

  #gone() {
    clearTimeout(this.#cut);
    this.#closing = true;
    this.#answers = [];
    this.#server.clients.delete(this);
    this.#server.log.closed(this.#conn, this.#socket.errored ? 'lost' : 'done');
  }

  // -- faults --

  /** Do what a mistake in this program would do: for the experiments alone. */
  #fault(what) {
    if (what === 'type') {
      this.#socket.write(42);
    } else if (what === 'block') {
      for (const until = Date.now() + 3000; Date.now() < until;);
    } else if (what === 'error') {
      null.noSuchProperty;
    } else if (what === 'lost error') {
      Promise.resolve(null).then((nothing) => this.#answer(nothing.noSuchProperty));
      return;
    }
    this.#answer('done\n');
  }
}

module.exports = { Session };
