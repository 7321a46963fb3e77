// Texts: numbers, times and places as people read them. All of it goes into the page
// as text, never as markup.

const whole = new Intl.NumberFormat("en");

/** count is a number with its thousands apart. */
export const count = (n) => whole.format(Math.round(n));

/** some is "1 client" or "2 clients". */
export const some = (n, what) => `${count(n)} ${what}${n === 1 ? "" : "s"}`;

/** rate is how many a second, short. */
export function rate(n) {
  if (n >= 10000) return `${(n / 1000).toFixed(n >= 100000 ? 0 : 1)}k`;
  return n >= 10 || n === 0 ? count(n) : n.toFixed(1);
}

/** place is "34.07° N, 118.45° W". */
export function place(latitude, longitude) {
  const one = (x, plus, minus) => `${Math.abs(x).toFixed(2)}\u00b0 ${x < 0 ? minus : plus}`;
  return `${one(latitude, "N", "S")}, ${one(longitude, "E", "W")}`;
}

/** iso6709 is a place as an IAMAT has it. */
export function iso6709(latitude, longitude) {
  const one = (x, digits) => {
    const [before, after] = Math.abs(x).toFixed(4).split(".");
    return `${x < 0 ? "-" : "+"}${before.padStart(digits, "0")}.${after}`;
  };
  return one(latitude, 2) + one(longitude, 3);
}

/** clock is the time of day with milliseconds, of a time in milliseconds. */
export function clock(ms) {
  const t = new Date(ms);
  const two = (n, digits = 2) => String(n).padStart(digits, "0");
  return `${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}.${two(t.getMilliseconds(), 3)}`;
}

/** took is a time in seconds, short. */
export function took(seconds) {
  if (seconds < 0.01) return `${(seconds * 1000).toFixed(1)} ms`;
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
}

/** visible is text whose control characters are seen as what they are, lines aside. */
export function visible(text) {
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g,
    (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

/** make is an element with attributes and what is in it. */
export function make(tag, attributes = {}, ...inside) {
  const element = document.createElement(tag);
  set(element, attributes);
  element.append(...inside);
  return element;
}

/** draw is make for SVG. */
export function draw(tag, attributes = {}, ...inside) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  set(element, attributes);
  element.append(...inside);
  return element;
}

/** set sets those attributes that differ. */
export function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
  }
}

/** write writes a text where it differs. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
