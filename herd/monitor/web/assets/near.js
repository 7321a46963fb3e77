// What a WHATSAT has brought: the tweets or places around a client, as pins about it and
// as a list. Each service has its own form; what cannot be read is only shown as it is.

import { draw, make, took, visible } from "./text.js";

const number = (v) => (v === null || v === undefined || v === "" || Number.isNaN(Number(v)) ? null : Number(v));
const pair = (latitude, longitude) => (number(latitude) === null || number(longitude) === null ? null : [number(longitude), number(latitude)]);
// Twitter writes these four of a tweet's characters as HTML has them.
const plain = (text) => String(text ?? "").replace(/&(lt|gt|quot|amp);/g, (_, name) => ({ lt: "<", gt: ">", quot: '"', amp: "&" })[name]);
const by = (name) => (name ? `@${name}` : "");

// Each: how to find the list, and of one of it its title, a word more, and its place.
const forms = [
  [(j) => j.results?.[0]?.geometry && j.results, (r) => [r.name, r.vicinity, pair(r.geometry.location?.lat, r.geometry.location?.lng)]],
  [(j) => j.places, (r) => [r.displayName?.text, r.formattedAddress ?? r.shortFormattedAddress, pair(r.location?.latitude, r.location?.longitude)]],
  [(j) => j.query?.geosearch, (r) => [r.title, typeof r.dist === "number" ? `${(r.dist / 1000).toFixed(1)} km away` : "", pair(r.lat, r.lon)]],
  [(j) => j.statuses, (r) => [plain(r.text), by(r.user?.screen_name), pair(r.coordinates?.coordinates?.[1], r.coordinates?.coordinates?.[0])]],
  [(j) => j.data, (r) => [plain(r.text), "", pair(r.geo?.coordinates?.coordinates?.[1], r.geo?.coordinates?.coordinates?.[0])]],
  [(j) => j.results, (r) => [plain(r.text), by(r.from_user), pair(r.geo?.coordinates?.[0], r.geo?.coordinates?.[1])]],
];

/** found reads an answer: a list of {title, more, at}, or null if it is no list. */
export function found(json) {
  for (const [list, of] of forms) {
    const all = list(json);
    if (!Array.isArray(all)) continue;
    return all.map((r) => {
      const [title, more, at] = of(r);
      return { title: visible(String(title ?? "(no text)")), more: visible(String(more ?? "")), at };
    });
  }
  return null;
}

/**
 * near shows a list about a client at [longitude, latitude], of which the question asked
 * for so many km.
 */
export function near(id, centre, radius, list) {
  const part = make("div", { class: "near" }, make("h3", {}, `${list.length === 0 ? "Nothing" : list.length} within ${radius} km of ${visible(id)}`));
  const placed = list.filter((r) => r.at);
  if (placed.length > 0) part.append(circle(centre, radius, list));
  if (placed.length < list.length) part.append(make("p", { class: "answer-note" }, `${list.length - placed.length} of them do not say where they are.`));
  part.append(make("ol", {}, ...list.map((r, i) => make("li", { "data-pin": r.at ? "yes" : "no" },
    make("span", { class: "number" }, String(i + 1)), make("span", {}, make("b", {}, r.title), make("small", {}, r.more))))));
  return part;
}

// circle draws what is around the client as it lies: as far and in the direction that it is.
function circle(centre, radius, list) {
  const size = 220;
  const svg = draw("svg", { viewBox: `${-size / 2} ${-size / 2} ${size} ${size}`, role: "img", "aria-label": "Where they are, with the client in the middle" });
  const km = 6371.0088;
  const far = Math.max(radius, ...list.filter((r) => r.at).map((r) => d3.geoDistance(centre, r.at) * km)) || 1;
  const flat = d3.geoAzimuthalEquidistant().rotate([-centre[0], -centre[1]]).scale(((size / 2 - 22) / far) * km).translate([0, 0]);
  for (const part of [0.5, 1]) {
    svg.append(draw("circle", { class: "ring", r: (size / 2 - 22) * part }));
    const text = draw("text", { class: "ring-text", y: (size / 2 - 22) * part + 10 });
    text.append(`${Number((far * part).toPrecision(2))} km`);
    svg.append(text);
  }
  svg.append(draw("circle", { class: "here", r: 4 }));
  list.forEach((r, i) => {
    if (!r.at) return;
    const [x, y] = flat(r.at);
    const text = draw("text", { y: -12.2 });
    text.append(String(i + 1));
    svg.append(draw("g", { class: "pin", transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})` },
      draw("path", { d: "M0 0C-3-6-8-9-8-15A8 8 0 0 1 8-15C8-9 3-6 0 0Z" }), text));
  });
  return svg;
}

/** answered is the time that an answer took, in words. */
export const answered = (server, seconds) => `${server} answered in ${took(seconds)}.`;
