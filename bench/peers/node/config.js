'use strict';
// The herd's settings: as much of the herd's own config file as this server needs.

const fs = require('node:fs');
const path = require('node:path');
const util = require('node:util');

// -- settings --

const UNITS = { ns: 1n, us: 1000n, 'µs': 1000n, ms: 1000000n, s: 1000000000n, m: 60000000000n, h: 3600000000000n };

/** Nanoseconds of a text such as 5s, 200ms or 1h30m. */
function duration(text) {
  if (!/^(?:[0-9]+(?:\.[0-9]+)?(?:ns|us|µs|ms|s|m|h))+$/.test(text)) throw new Error(`${text} is no length of time such as 5s, 200ms or 1h30m`);
  let sum = 0n;
  for (const [, whole, part = '', unit] of text.matchAll(/([0-9]+)(?:\.([0-9]+))?([a-zµ]+)/g)) {
    sum += BigInt(whole + part) * UNITS[unit] / 10n ** BigInt(part.length);
  }
  return sum;
}

/** host:port, where an IPv6 host stands in brackets. */
function address(text) {
  const m = /^\[?([^[\]]*)\]?:([0-9]+)$/.exec(text);
  if (!m) throw new Error(`${text} is no address such as 127.0.0.1:12000`);
  return { host: m[1], port: Number(m[2]) };
}

/** A name as it stands in lines: bytes, one a character. */
const token = (name) => Buffer.from(name, 'utf8').toString('latin1');

function secret(configPath, file) {
  const full = path.resolve(path.dirname(configPath), file);
  if (fs.statSync(full).mode & 0o077) throw new Error(`${full} can be read by others: chmod 600`);
  const keys = fs.readFileSync(full, 'latin1').split('\n').map((line) => line.trim()).filter(Boolean);
  if (keys.length < 1 || keys.length > 2 || keys.some((key) => key.length < 16)) {
    throw new Error(`${full}: one or two secrets of 16 bytes or more`);
  }
  return keys;
}

function read(file, name) {
  const { herd = 'herd', future = '5m', servers = [], upstream = {}, limits = {}, log = {}, ...values } = JSON.parse(fs.readFileSync(file, 'utf8'));
  if (values.link_mac) throw new Error('link_mac: this server does not speak it');
  if ((upstream.kind ?? 'twitter') !== 'twitter') throw new Error('upstream.kind: this server knows twitter alone');
  const here = servers.find((s) => s.name === name);
  if (!here) throw new Error(`${file}: there is no server ${name} in it`);
  return {
    herd: token(herd),
    future: duration(future),
    name: token(name),
    clients: address(here.clients),
    peers: address(here.peers),
    neighbours: (here.talks_to ?? []).map((n) => ({ name: token(n), address: address(servers.find((s) => s.name === n).peers) })),
    url: upstream.url || 'http://127.0.0.1:12300/search.json',
    timeout: Number(duration(upstream.timeout ?? '5s') / 1000000n), // ms
    workers: upstream.workers ?? 32,
    logPath: path.join(log.dir ?? 'logs', `${name}.log`),
    logLines: log.lines ?? true,
    closeAfterReply: limits.close_after_reply ?? false,
    outputPerClient: limits.output_per_client ?? 1 << 20,
    whatsatsPerClient: limits.waiting_whatsats_per_client ?? 64,
    peerOutput: limits.peer_output ?? 1 << 20,
    keys: secret(file, values.secret_file || '.herd-secret'),
  };
}

/** The settings of the command line's --config and --name. */
function fromArguments() {
  const { values } = util.parseArgs({
    options: {
      config: { type: 'string' }, name: { type: 'string' }, faults: { type: 'boolean', default: false },
      asks: { type: 'string', default: '' },
      fence: { type: 'string' }, // -- fence --
    },
  });
  if (!values.config || !values.name || !['', 'compute'].includes(values.asks)) {
    throw new Error('usage: node server.js --config herd.json --name Gasol [--faults] [--asks compute]');
  }
  return { ...read(values.config, values.name), faults: values.faults, asks: values.asks, fence: values.fence }; // -- fence: changed --
}

module.exports = { fromArguments };
