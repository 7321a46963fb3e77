'use strict';
// A server of the herd on Node.js: one loop, sockets with listeners.
//
//     node server.js --config herd.json --name Gasol
//
// It needs Node.js 18 and nothing else. Each concern is in a module of its own.

const net = require('node:net');
const { Computing } = require('./computing');
const config = require('./config');
const fence = require('./fence'); // -- fence --
const { Links } = require('./links');
const { Session } = require('./clients');
const { Upstream } = require('./upstream');
const { WireLog } = require('./wirelog');
const { Node } = require('./wire');

const FLUSH_TIME = 2000; // ms that links may take at the end

class Server {
  #ports = [];

  constructor(settings) {
    this.settings = settings;
    this.node = new Node(settings.name, settings.future);
    this.log = new WireLog(settings.logPath, settings.logLines);
    this.upstream = settings.asks === 'compute' ? new Computing() : new Upstream(settings);
    this.links = new Links(this);
    this.clients = new Set();
    this.stopping = false;
  }

  start() {
    // Half-open: a client that has said everything still gets its answers.
    this.#listen(this.settings.clients, { allowHalfOpen: true }, (socket) => this.clients.add(new Session(this, socket)));
    this.#listen(this.settings.peers, {}, (socket) => this.links.accept(socket));
    if (this.settings.fence) fence.join(this, (...args) => this.#listen(...args)); // -- fence --
    this.links.dial();
    this.log.event('info', 'server started', { server: this.settings.name });
    process.once('SIGTERM', () => this.#stop());
  }

  #listen(address, options, accept) {
    const port = net.createServer(options, accept);
    port.on('error', (e) => {
      console.error(`server.js: ${e.message}`);
      process.exit(1);
    });
    port.listen({ ...address, backlog: 1024 });
    this.#ports.push(port);
  }

  /** Stop accepting, answer what waits, let the links take what is theirs. */
  async #stop() {
    this.stopping = true;
    this.log.event('info', 'server stopping', { server: this.settings.name });
    for (const port of this.#ports) port.close();
    for (const session of this.clients) session.close();
    await until(() => this.clients.size === 0, this.settings.timeout);
    this.links.finish();
    await until(() => this.links.open.length === 0, FLUSH_TIME);
    this.log.close(() => process.exit(0));
  }
}

/** Resolves once over() holds, or after so many ms. */
function until(over, most) {
  return new Promise((resolve) => {
    const late = Date.now() + most;
    const look = () => (over() || Date.now() > late ? resolve() : setTimeout(look, 10));
    look();
  });
}

try {
  new Server(config.fromArguments()).start();
} catch (e) {
  console.error(`server.js: ${e.message}`);
  process.exit(2);
}
