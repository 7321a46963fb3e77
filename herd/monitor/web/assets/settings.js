// What who looks at the page has chosen: its theme, and whether things move. Both begin
// as the system has them, and are kept in this browser.

const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");
const still = matchMedia("(prefers-reduced-motion: reduce)");
const listeners = [];

// A browser that keeps nothing has the choice made anew each time.
function kept(key) {
  try { return localStorage.getItem(key); } catch { return null; }
}
function keep(key, value) {
  try { localStorage.setItem(key, value); } catch { /* then it is not kept */ }
}

const chosen = { theme: kept("herd-theme") ?? "auto", motion: kept("herd-motion") };

/** moves says whether things move. */
export const moves = () => root.dataset.motion === "on";

/** colour is one of the palette, as theme.css has it. */
export const colour = (name) => getComputedStyle(root).getPropertyValue(`--${name}`).trim();

/** onLook calls f now and whenever the page's look has changed. */
export function onLook(f) {
  listeners.push(f);
  f();
}

function apply() {
  const isDark = chosen.theme === "auto" ? dark.matches : chosen.theme === "dark";
  root.dataset.theme = isDark ? "dark" : "light";
  root.dataset.motion = (chosen.motion ?? (still.matches ? "off" : "on"));
  document.getElementById("theme").value = chosen.theme;
  document.getElementById("motion").checked = moves();
  for (const f of listeners) f();
}

document.getElementById("theme").addEventListener("change", (e) => {
  chosen.theme = e.target.value;
  keep("herd-theme", chosen.theme);
  apply();
});
document.getElementById("motion").addEventListener("change", (e) => {
  chosen.motion = e.target.checked ? "on" : "off";
  keep("herd-motion", chosen.motion);
  apply();
});
dark.addEventListener("change", apply);
still.addEventListener("change", apply);
apply();
