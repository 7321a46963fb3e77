'use strict';
// In place of the upstream: work for the processor, in threads beside the loop. It is for
// the experiments alone.

// -- faults --

const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');
const jsontext = require('./jsontext');

const MILLISECONDS = 50; // that a piece of work takes on a core of its own
const WORKERS = 4; // threads: Node.js has no pool of them

function spin(times) {
  let value = 1;
  for (let i = 0; i < times; i++) value = (Math.imul(value, 1103515245) + 12345) & 0x7fffffff;
  return value;
}

function took(times) {
  const start = process.hrtime.bigint();
  spin(times);
  return Number(process.hrtime.bigint() - start) / 1e6;
}

/** How many times are a piece of work, measured before anybody waits. */
function measure() {
  let times = 10000;
  while (took(times) < 10) times *= 2;
  return Math.round((times * MILLISECONDS) / Math.min(...Array.from({ length: 5 }, () => took(times))));
}

class Computing {
  #workers;
  #waiting = []; // who waits for each worker, in order
  #turn = 0;

  constructor() {
    const times = measure();
    this.#workers = Array.from({ length: WORKERS }, (_, i) => {
      this.#waiting.push([]);
      const worker = new Worker(__filename, { workerData: times });
      worker.on('message', (value) => this.#waiting[i].shift()(jsontext.error(`nothing was asked, but ${value} computed`)));
      worker.unref();
      return worker;
    });
  }

  /** One line of JSON. */
  ask() {
    const turn = this.#turn++ % WORKERS;
    return new Promise((resolve) => {
      this.#waiting[turn].push(resolve);
      this.#workers[turn].postMessage(null);
    });
  }
}

if (!isMainThread) parentPort.on('message', () => parentPort.postMessage(spin(workerData)));

module.exports = { Computing };
