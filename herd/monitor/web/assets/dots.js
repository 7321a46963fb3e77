// The clients that rest. Some are discs with an edge; many are points in an image, where
// those that lie on each other are darker: 100,000 take a few milliseconds.

/** drawSome draws a disc for each client. */
export function drawSome(context, view, clients, look) {
  context.clearRect(0, 0, view.width, view.height);
  const [x0, y0] = view.at(0, 0);
  const radius = clients.count > 800 ? 2.5 : 3.5;
  context.fillStyle = look.client;
  context.strokeStyle = look.card;
  context.lineWidth = 1;
  for (let i = 0; i < clients.count; i++) {
    const x = x0 + clients.x[i] * view.scale;
    const y = y0 - clients.y[i] * view.scale;
    if (x < -5 || y < -5 || x > view.width + 5 || y > view.height + 5) continue;
    context.beginPath();
    context.arc(x, y, radius, 0, 7);
    context.fill();
    context.stroke();
  }
}

/** drawMany draws a point for each client. */
export function drawMany(context, view, clients, look) {
  const { width, height } = context.canvas;
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const ink = inkOf(look.client);
  const ratio = width / view.width;
  const scale = view.scale * ratio;
  const [left, top] = view.at(0, 0).map((v) => v * ratio);
  const side = Math.max(2, Math.round(1.6 * ratio));
  const { x, y, count } = clients;
  for (let i = 0; i < count; i++) {
    const px = Math.round(left + x[i] * scale);
    const py = Math.round(top - y[i] * scale);
    if (px < 0 || py < 0 || px + side > width || py + side > height) continue;
    for (let row = py; row < py + side; row++) {
      for (let at = row * width + px; at < row * width + px + side; at++) {
        const alpha = pixels[at] >>> 24;
        pixels[at] = (Math.min(255, alpha + (alpha ? 16 : 100)) << 24) | ink;
      }
    }
  }
  context.putImageData(image, 0, 0);
}

// inkOf is a colour such as #0b5058 as the image has it, without its alpha.
function inkOf(hex) {
  const n = parseInt(hex.slice(1), 16);
  return ((n & 0xff) << 16) | (n & 0xff00) | (n >> 16);
}
