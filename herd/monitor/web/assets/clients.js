// The clients and where they are: columns of numbers, so that 100,000 of them are a few
// megabytes, and a map of them is drawn by walking arrays.

/** mostClients is how many are kept. A herd may have more; the page says so. */
export const mostClients = 250000;

// The map's projection with a radius of 1; what moves and scales it is the map's affair.
const raw = d3.geoEqualEarthRaw;
const radians = Math.PI / 180;

/** project is a place on the map of radius 1: east and north of its middle. */
export const project = (longitude, latitude) => raw(longitude * radians, latitude * radians);

/** unproject is the other way round, in degrees: [longitude, latitude]. */
export const unproject = (x, y) => raw.invert(x, y).map((v) => v / radians);

export class Clients {
  constructor() {
    this.index = new Map(); // by name
    this.names = [];
    this.servers = []; // names, of whom each reported to
    this.times = []; // its own time, as it wrote it
    this.walk = 0;
    this.room(1024);
  }

  get count() { return this.names.length; }

  // room makes the columns as long, keeping what is in them.
  room(n) {
    const grow = (Type, old) => {
      const column = new Type(n);
      if (old) column.set(old.subarray(0, Math.min(n, old.length)));
      return column;
    };
    this.x = grow(Float32Array, this.x); // on the map of radius 1
    this.y = grow(Float32Array, this.y);
    this.latitude = grow(Float32Array, this.latitude);
    this.longitude = grow(Float32Array, this.longitude);
    this.when = grow(Float64Array, this.when); // by which the herd orders its reports
    this.seen = grow(Uint32Array, this.seen); // the last walk that it was in
  }

  /**
   * put takes a record. It returns null for one that is no newer than what is known,
   * else the client's number, and where it was before, on the map of radius 1: null
   * for one that is new.
   */
  put(name, latitude, longitude, server, time, when) {
    let i = this.index.get(name);
    let before = null;
    if (i === undefined) {
      if (this.count >= mostClients) return null;
      i = this.count;
      if (i >= this.x.length) this.room(2 * this.x.length);
      this.index.set(name, i);
      this.names.push(name);
    } else {
      this.seen[i] = this.walk;
      if (when < this.when[i]) return null;
      if (when === this.when[i] && time === this.times[i] && server === this.servers[i]) return null;
      before = [this.x[i], this.y[i]];
    }
    [this.x[i], this.y[i]] = project(longitude, latitude);
    this.latitude[i] = latitude;
    this.longitude[i] = longitude;
    this.servers[i] = server;
    this.times[i] = time;
    this.when[i] = when;
    this.seen[i] = this.walk;
    return { i, before };
  }

  /**
   * walked is the end of a walk over a server's records. If it has all that there are,
   * those that it has not are dropped.
   */
  walked(all) {
    if (all) {
      const kept = [];
      for (let i = 0; i < this.count; i++) if (this.seen[i] === this.walk) kept.push(i);
      if (kept.length < this.count) this.keep(kept);
    }
    this.walk++;
  }

  keep(kept) {
    kept.forEach((from, to) => {
      for (const column of [this.x, this.y, this.latitude, this.longitude, this.when, this.seen]) column[to] = column[from];
    });
    for (const list of ["names", "servers", "times"]) this[list] = kept.map((i) => this[list][i]);
    this.index = new Map(this.names.map((name, i) => [name, i]));
  }
}
