'use strict';
// Twitter's search, asked through http.

const http = require('node:http');
const https = require('node:https');
const jsontext = require('./jsontext');

// -- upstream --

const MOST = 8 << 20; // bytes of an answer

class TooLong extends Error {}

class Upstream {
  #url;
  #module;
  #agent;
  #timeout;

  constructor({ url, timeout, workers }) {
    this.#url = new URL(url);
    this.#module = this.#url.protocol === 'https:' ? https : http;
    this.#agent = new this.#module.Agent({ keepAlive: true, maxSockets: workers });
    this.#timeout = timeout;
  }

  /** One line of JSON, whatever happens, within the timeout. */
  async ask(query) {
    try {
      const { status, words, text } = await this.#get(this.#address(query), AbortSignal.timeout(this.#timeout));
      try {
        return jsontext.oneLine(text, query.limit);
      } catch (e) {
        if (!(e instanceof SyntaxError) || status < 300) throw e;
        return jsontext.error(`twitter answered ${status} ${words}`.trimEnd());
      }
    } catch (e) {
      return jsontext.error(explain(e));
    }
  }

  #address({ latitude, longitude, radius, limit }) {
    const url = new URL(this.#url);
    const least = /[1-9]/.test(radius) ? radius : '0.001'; // Twitter's least
    url.searchParams.set('q', '');
    url.searchParams.set('geocode', `${latitude.replace('+', '')},${longitude.replace('+', '')},${least}km`);
    url.searchParams.set('rpp', Math.max(limit, 1));
    return url;
  }

  #get(url, signal) {
    return new Promise((resolve, reject) => {
      const request = this.#module.get(url, { agent: this.#agent, signal, headers: { 'User-Agent': 'herd-peer' } }, (response) => {
        const parts = [];
        let size = 0;
        response.on('data', (part) => {
          parts.push(part);
          size += part.length;
          if (size > MOST) request.destroy(new TooLong());
        });
        response.on('error', reject);
        response.on('end', () => resolve({
          status: response.statusCode,
          words: http.STATUS_CODES[response.statusCode] ?? '',
          text: Buffer.concat(parts).toString('latin1'),
        }));
      });
      request.on('error', reject);
    });
  }
}

/** What the client gets in place of an answer; a mistake of ours goes on. */
function explain(e) {
  if (e.name === 'AbortError' || e.name === 'TimeoutError') return 'twitter did not answer in time';
  if (e.code === 'ECONNREFUSED') return 'twitter could not be reached: connection refused';
  if (e instanceof TooLong) return "twitter's answer is too long";
  if (e instanceof SyntaxError) return "twitter's answer was not JSON";
  if (e.code) return "twitter's answer was cut off"; // the network's errors have one
  throw e;
}

module.exports = { Upstream };
