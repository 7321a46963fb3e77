package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
)

// cities are where some clients are, so that there is something to see.
var cities = []struct {
	name                string
	latitude, longitude float64
}{
	{"oslo", 59.91, 10.75}, {"lagos", 6.45, 3.39}, {"cairo", 30.04, 31.24}, {"nairobi", -1.29, 36.82},
	{"capetown", -33.92, 18.42}, {"moscow", 55.76, 37.62}, {"delhi", 28.61, 77.21}, {"kathmandu", 27.72, 85.32},
	{"beijing", 39.90, 116.41}, {"tokyo", 35.68, 139.69}, {"manila", 14.60, 120.98}, {"jakarta", -6.21, 106.85},
	{"perth", -31.95, 115.86}, {"auckland", -36.85, 174.76}, {"honolulu", 21.31, -157.86}, {"anchorage", 61.22, -149.90},
	{"vancouver", 49.28, -123.12}, {"denver", 39.74, -104.99}, {"mexico", 19.43, -99.13}, {"bogota", 4.71, -74.07},
	{"lima", -12.05, -77.04}, {"santiago", -33.45, -70.67}, {"saopaulo", -23.55, -46.63}, {"recife", -8.05, -34.88},
	{"newyork", 40.71, -74.01}, {"reykjavik", 64.15, -21.94}, {"lisbon", 38.72, -9.14}, {"berlin", 52.52, 13.40},
}

func iamat(name string, latitude, longitude float64) string {
	return fmt.Sprintf("IAMAT %s %+08.4f%+09.4f %.3f\n", name, latitude, longitude, float64(time.Now().UnixMilli())/1000)
}

func (v *visit) fills() error {
	for i, server := range []string{"Farmar", "Gasol", "Hill", "Young"} {
		var lines strings.Builder
		for j, c := range cities {
			if j%4 == i {
				lines.WriteString(iamat(c.name+".example", c.latitude, c.longitude))
			}
		}
		if err := v.tell(server, lines.String()); err != nil {
			return err
		}
	}
	return v.until(fmt.Sprintf(`document.getElementById("map").dataset.clients === "%d"`, 5+len(cities)))
}

func (v *visit) asks() error {
	if err := v.say("Hill", "WHATSAT kiwi.cs.ucla.edu 10 5"); err != nil {
		return err
	}
	return errors.Join(
		v.until(`document.querySelectorAll("#answer .near li").length === 5`),
		v.until(`document.querySelectorAll("#answer .pin").length === document.querySelectorAll("#answer li[data-pin=yes]").length`),
		v.until(`document.querySelectorAll("#answer .pin").length > 0`),
	)
}

// choose chooses a theme.
func (v *visit) choose(theme string) error {
	return errors.Join(
		v.do(script(`{ const s = document.getElementById("theme"); s.value = "`+theme+`"; s.dispatchEvent(new Event("change")); }`)),
		v.until(`document.documentElement.dataset.theme === "`+theme+`"`))
}

// onItsWay has a report come, and a picture taken while it travels.
func (v *visit) onItsWay(shot string) error {
	moved := len(shot) // another place for each picture
	if err := v.tell("Farmar", iamat("berlin.example", 52.52-float64(moved), 13.40+2*float64(moved))); err != nil {
		return err
	}
	if err := v.until(`document.querySelectorAll(".message").length > 1`); err != nil {
		return err
	}
	return v.shoot(shot)
}

func (v *visit) light() error { return errors.Join(v.choose("light"), v.onItsWay("light")) }

func (v *visit) grey() error {
	return errors.Join(
		v.do(script(`document.documentElement.style.filter = "grayscale(1)"`)),
		v.onItsWay("grey"),
		v.do(script(`document.documentElement.style.filter = ""`)))
}

func (v *visit) narrow() error {
	const wide = `document.documentElement.scrollWidth`
	if err := v.do(chromedp.EmulateViewport(390, 1560)); err != nil {
		return err
	}
	if err := v.until(wide + ` <= 390`); err != nil {
		return err
	}
	return errors.Join(v.onItsWay("narrow"), v.do(chromedp.EmulateViewport(width, height)))
}

// press presses a button of the stage.
func (v *visit) press(label string) error {
	button := fmt.Sprintf(`button[aria-label=%q]`, label)
	return errors.Join(
		v.until(fmt.Sprintf(`(() => { const b = document.querySelector(%q); return b && !b.hidden && !b.disabled; })()`, button)),
		v.do(chromedp.Click(button)))
}

func (v *visit) kills() error {
	return errors.Join(
		v.press("Kill Meeks"),
		v.until(row("Meeks")+`.dataset.state === "down"`),
		v.until(`document.querySelector('.node[data-server="Meeks"]').dataset.state === "down"`),
		v.until(row("Hill and Meeks")+`.dataset.state === "down"`),
		v.until(verdict+`.textContent === "1 of 5 servers down"`),
		v.until(`document.getElementById("feed").textContent.includes("Meeks is down")`),
		v.tell("Farmar", iamat("meanwhile.example", 10, -20)),
		v.until(newest+`.dataset.reached === "3"`),
	)
}

func (v *visit) dark() error { return errors.Join(v.choose("dark"), v.onItsWay("dark")) }

// heals also sees that both Meeks and Hill have learnt what they missed.
func (v *visit) heals() error {
	const same = `new Set([...document.querySelectorAll("#servers tbody tr")].map((r) => r.children[5].textContent)).size === 1`
	return errors.Join(
		v.press("Start Meeks"),
		v.until(row("Meeks")+`.dataset.state === "up"`),
		v.until(allWell),
		v.until(same),
		v.until(`document.getElementById("feed").textContent.includes("Meeks is up")`),
	)
}

func (v *visit) cuts() error {
	return errors.Join(
		v.press("Cut Farmar and Young"),
		v.until(row("Farmar and Young")+`.dataset.state === "cut"`),
		v.until(`document.querySelector('.edge[data-state="cut"]') !== null`),
		v.press("Mend Farmar and Young"),
		v.until(row("Farmar and Young")+`.dataset.state === "up"`),
		v.until(allWell),
	)
}

func (v *visit) stops() error {
	return errors.Join(
		v.press("Stop Hill"), v.until(row("Hill")+`.dataset.state === "down"`),
		v.press("Start Hill"), v.until(row("Hill")+`.dataset.state === "up"`),
		v.until(allWell),
	)
}

// types comes to the map by the keyboard, zooms it, and sends a line.
func (v *visit) types() error {
	const landPixels = `(() => { const c = document.querySelector("#map canvas"); return c.toDataURL().length; })()`
	before, err := value[int](v.browser, landPixels)
	if err != nil {
		return err
	}
	if err := v.do(
		chromedp.Focus("#zoom-world"), chromedp.KeyEvent("\t"), chromedp.KeyEvent("+"), chromedp.KeyEvent("+"),
	); err != nil {
		return err
	}
	return errors.Join(
		v.until(`document.activeElement.id === "map"`),
		v.until(fmt.Sprintf("%s !== %d", landPixels, before)),
		v.do(
			chromedp.KeyEvent("0"),
			script(`document.getElementById("answer").replaceChildren()`),
			chromedp.SetValue("#say-line", "what?"), chromedp.Focus("#say-line"),
			script(`document.getElementById("say-line").dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", ctrlKey: true }))`),
		),
		v.until(answered+`?.textContent === "? what?"`),
	)
}

func (v *visit) rests() error {
	return errors.Join(
		v.do(script(`document.getElementById("motion").click()`)),
		v.until(`document.documentElement.dataset.motion === "off"`),
		v.do(script(`window.flown = 0; new MutationObserver((all) => { for (const m of all) for (const n of m.addedNodes) if (n.classList?.contains("message")) window.flown++; })
			.observe(document.querySelector("#graph svg"), { childList: true, subtree: true })`)),
		v.tell("Farmar", iamat("resting.example", 20, 20)),
		v.until(`document.getElementById("feed").textContent.includes("resting.example")`),
		v.until(newest+`.dataset.reached === "5"`),
		v.until(`window.flown === 0`),
		v.do(script(`document.getElementById("motion").click()`)),
	)
}

// crowds has many clients come, and looks how long the page stood still at most.
func (v *visit) crowds() error {
	var lines strings.Builder
	random := rand.New(rand.NewPCG(1, 2)) // the same each time
	for i := range v.clients {
		c := cities[random.IntN(len(cities))]
		latitude := min(85, max(-85, c.latitude+3*random.NormFloat64()))
		longitude := min(180, max(-180, c.longitude+5*random.NormFloat64()))
		lines.WriteString(iamat(fmt.Sprintf("client-%d.example", i), latitude, longitude))
	}
	const watch = `window.longest = 0; { let last = performance.now(); const look = (now) => { window.longest = Math.max(window.longest, now - last); last = now; requestAnimationFrame(look); }; requestAnimationFrame(look); }`
	if err := errors.Join(v.do(script(watch)), v.tell("Farmar", lines.String())); err != nil {
		return err
	}
	if err := v.until(fmt.Sprintf(`Number(document.getElementById("map").dataset.clients) >= %d`, v.clients)); err != nil {
		return err
	}
	longest, err := value[float64](v.browser, "window.longest")
	if err != nil {
		return err
	}
	fmt.Printf("        (%d clients; the longest time between two frames was %.0f ms)\n", v.clients, longest)
	return v.shoot("crowd")
}

func (v *visit) quiet() error {
	if text := v.said(); text != "" {
		return fmt.Errorf("%w: the console has %q", errNotSo, text)
	}
	return nil
}
