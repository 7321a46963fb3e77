// Where the servers stand: those that talk pull at each other, all push each other away.
// It takes a fixed number of steps from beginnings that are the same each time, and so the
// same herd always looks the same.

const tries = 24; // beginnings, of which the best is kept
const steps = 300;

/**
 * layout returns a point for each name, in a box of that size, with room at its edges
 * for half a card.
 */
export function layout(names, links, width, height, card) {
  const number = new Map(names.map((name, i) => [name, i]));
  const pairs = links.map((l) => [number.get(l.a), number.get(l.b)]);
  let best = null;
  for (let turn = 0; turn < tries; turn++) {
    const at = settled(begin(names.length, turn), pairs);
    const bad = crossings(at, pairs);
    if (!best || bad < best.bad) best = { at, bad };
    if (bad === 0) break;
  }
  return fit(turned(best.at), names, width, height, card);
}

// begin is a circle, on which each turn has another order.
function begin(n, turn) {
  const order = [...Array(n).keys()];
  let seed = 1 + turn * 7919;
  for (let i = n - 1; turn > 0 && i > 0; i--) {
    seed = (seed * 48271) % 2147483647;
    const j = seed % (i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order.map((place) => ({ x: Math.cos((2 * Math.PI * place) / n), y: Math.sin((2 * Math.PI * place) / n) }));
}

function settled(at, pairs) {
  const rest = 1.2; // how long a link likes to be
  for (let step = 0; step < steps; step++) {
    const push = at.map(() => ({ x: 0, y: 0 }));
    const act = (i, j, strength) => {
      const dx = at[i].x - at[j].x;
      const dy = at[i].y - at[j].y;
      const far = Math.hypot(dx, dy) || 0.01;
      const force = strength(far);
      push[i].x += (dx / far) * force; push[i].y += (dy / far) * force;
      push[j].x -= (dx / far) * force; push[j].y -= (dy / far) * force;
    };
    for (let i = 0; i < at.length; i++) for (let j = i + 1; j < at.length; j++) act(i, j, (far) => 0.35 / (far * far));
    for (const [i, j] of pairs) act(i, j, (far) => 0.6 * (rest - far));
    const heat = 0.2 * (1 - step / steps);
    at.forEach((p, i) => { p.x += push[i].x * heat; p.y += push[i].y * heat; });
  }
  return at;
}

// crossings counts the links that cross each other.
function crossings(at, pairs) {
  const side = (a, b, c) => Math.sign((b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x));
  let n = 0;
  pairs.forEach(([a, b], i) => pairs.slice(i + 1).forEach(([c, d]) => {
    if (a === c || a === d || b === c || b === d) return;
    const [p, q, r, s] = [at[a], at[b], at[c], at[d]];
    if (side(p, q, r) !== side(p, q, s) && side(r, s, p) !== side(r, s, q)) n++;
  }));
  return n;
}

// turned has the longer way lie across the box.
function turned(at) {
  const mean = { x: sum(at, (p) => p.x) / at.length, y: sum(at, (p) => p.y) / at.length };
  const xx = sum(at, (p) => (p.x - mean.x) ** 2);
  const yy = sum(at, (p) => (p.y - mean.y) ** 2);
  const xy = sum(at, (p) => (p.x - mean.x) * (p.y - mean.y));
  const angle = 0.5 * Math.atan2(2 * xy, xx - yy);
  const [c, s] = [Math.cos(-angle), Math.sin(-angle)];
  return at.map((p) => ({ x: (p.x - mean.x) * c - (p.y - mean.y) * s, y: (p.x - mean.x) * s + (p.y - mean.y) * c }));
}

const sum = (list, f) => list.reduce((total, p) => total + f(p), 0);

// fit stretches the points over the box, and moves cards apart that would lie on each
// other.
function fit(at, names, width, height, card) {
  const [left, top] = [card.width / 2 + 8, card.height / 2 + 10];
  const stretch = (values, length, margin) => {
    const low = Math.min(...values);
    const span = Math.max(...values) - low;
    return values.map((v) => (span < 0.05 ? length / 2 : margin + ((v - low) / span) * (length - 2 * margin)));
  };
  const xs = stretch(at.map((p) => p.x), width, left);
  const ys = stretch(at.map((p) => p.y), height, top);
  const within = (v, length, margin) => Math.min(length - margin, Math.max(margin, v));
  for (let step = 0; step < 80; step++) {
    for (let i = 0; i < at.length; i++) {
      for (let j = i + 1; j < at.length; j++) {
        const [dx, dy] = [xs[i] - xs[j], ys[i] - ys[j]];
        const [over, under] = [card.width + 36 - Math.abs(dx), card.height + 18 - Math.abs(dy)];
        if (over <= 0 || under <= 0) continue;
        const [list, by, length, margin] = over < under ? [xs, (over / 2) * (Math.sign(dx) || 1), width, left] : [ys, (under / 2) * (Math.sign(dy) || 1), height, top];
        list[i] = within(list[i] + by, length, margin);
        list[j] = within(list[j] - by, length, margin);
      }
    }
  }
  return new Map(names.map((name, i) => [name, { x: xs[i], y: ys[i] }]));
}
