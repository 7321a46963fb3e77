// What part of the world the map shows: where its middle is and how large, and how the
// keyboard, the mouse and the buttons change that.

import { project, unproject } from "./clients.js";

const most = 4000; // times the whole world

export class View {
  constructor(element, changed) {
    this.element = element;
    this.changed = changed;
    this.zoom = 1;
    this.middle = [0, 0]; // on the map of radius 1
    this.listen();
  }

  /** resize takes the element's size, in CSS pixels. */
  resize(width, height) {
    this.width = width;
    this.height = height;
    const [east] = project(180, 0);
    const [, north] = project(0, 90);
    this.whole = Math.min((width - 16) / (2 * east), (height - 16) / (2 * north));
  }

  get scale() { return this.whole * this.zoom; }

  /** at is where a point of the map of radius 1 is, in pixels. */
  at(x, y) {
    return [this.width / 2 + (x - this.middle[0]) * this.scale, this.height / 2 - (y - this.middle[1]) * this.scale];
  }

  /** place is what is at a pixel: [longitude, latitude], or null beside the world. */
  place(px, py) {
    const x = this.middle[0] + (px - this.width / 2) / this.scale;
    const y = this.middle[1] - (py - this.height / 2) / this.scale;
    const [longitude, latitude] = unproject(x, y);
    return Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90 ? [longitude, latitude] : null;
  }

  world() {
    this.zoom = 1;
    this.middle = [0, 0];
    this.changed();
  }

  /** by zooms about a pixel, which stays where it is. */
  by(factor, px = this.width / 2, py = this.height / 2) {
    const before = this.scale;
    this.zoom = Math.min(most, Math.max(1, this.zoom * factor));
    const left = 1 / before - 1 / this.scale;
    this.move((px - this.width / 2) * left, -(py - this.height / 2) * left);
  }

  // move moves the middle, which stays within the world.
  move(x, y) {
    const [east] = project(180, 0);
    const [, north] = project(0, 90);
    const within = (v, bound) => Math.min(bound, Math.max(-bound, v));
    const room = 1 - 1 / this.zoom;
    this.middle = [within(this.middle[0] + x, east * room), within(this.middle[1] + y, north * room)];
    this.changed();
  }

  listen() {
    const keys = {
      ArrowLeft: () => this.move(-60 / this.scale, 0),
      ArrowRight: () => this.move(60 / this.scale, 0),
      ArrowUp: () => this.move(0, 60 / this.scale),
      ArrowDown: () => this.move(0, -60 / this.scale),
      "+": () => this.by(1.6),
      "=": () => this.by(1.6),
      "-": () => this.by(1 / 1.6),
      0: () => this.world(),
    };
    this.element.addEventListener("keydown", (e) => {
      if (!keys[e.key] || e.ctrlKey || e.metaKey || e.altKey) return;
      e.preventDefault();
      keys[e.key]();
    });
    // A page that is scrolled must not stop at the map: the wheel zooms with Ctrl, or
    // once the map has the focus.
    this.element.addEventListener("wheel", (e) => {
      if (!e.ctrlKey && document.activeElement !== this.element) return;
      e.preventDefault();
      const box = this.element.getBoundingClientRect();
      this.by(Math.exp(-e.deltaY / 300), e.clientX - box.left, e.clientY - box.top);
    }, { passive: false });
    let from = null;
    this.element.addEventListener("pointerdown", (e) => { from = [e.clientX, e.clientY]; this.dragged = false; });
    addEventListener("pointermove", (e) => {
      if (!from || e.buttons === 0) return;
      const [dx, dy] = [e.clientX - from[0], e.clientY - from[1]];
      if (!this.dragged && Math.hypot(dx, dy) < 4) return;
      this.dragged = true;
      from = [e.clientX, e.clientY];
      this.move(-dx / this.scale, dy / this.scale);
    });
    addEventListener("pointerup", () => { from = null; });
  }
}
