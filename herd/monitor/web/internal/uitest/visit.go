package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
)

// visit is what is done on the page, step by step.
type visit struct {
	*browser
	herd    *demo
	shots   string
	clients int
	steps   int
}

var errNotSo = errors.New("that is not what should be seen")

// play takes the steps in their order; each builds on those before.
func (v *visit) play() error {
	for _, step := range []struct {
		what string
		take func() error
	}{
		{"the page shows a herd in sync, and two clients", v.arrives},
		{"a report is seen: as a dot, and as a message to all five servers", v.reports},
		{"names that are markup or control characters are text", v.names},
		{"clients all over the world report", v.fills},
		{"a question brings pins and a list", v.asks},
		{"in daylight", v.light},
		{"in grey", v.grey},
		{"on a narrow screen, nothing is cut off", v.narrow},
		{"a server that is killed is seen to be down", v.kills},
		{"in the dark", v.dark},
		{"it is started again, and the herd heals", v.heals},
		{"a link that is cut is seen, and heals when it is mended", v.cuts},
		{"a server is stopped in order, and started", v.stops},
		{"the keyboard zooms the map and sends a line", v.types},
		{"movement can be turned off", v.rests},
		{"many clients are drawn, and the page does not freeze", v.crowds},
		{"no script complained", v.quiet},
	} {
		began := time.Now()
		if err := step.take(); err != nil {
			return errors.Join(fmt.Errorf("%s: %w", step.what, err), v.shoot("failed"))
		}
		v.steps++
		fmt.Printf("%5.1fs  %s\n", time.Since(began).Seconds(), step.what)
	}
	return nil
}

// Where things are on the page, as expressions.
const (
	verdict  = `document.getElementById("verdict")`
	allWell  = verdict + `.textContent === "All in sync: 5 servers, 5 links"`
	newest   = `document.querySelector("#feed li[data-kind=report]")`
	answered = `document.querySelector("#answer .answer-line")`
)

func row(of string) string { return fmt.Sprintf("document.querySelector('tr[data-of=%q]')", of) }

func (v *visit) arrives() error {
	return errors.Join(v.until(allWell), v.until(`document.getElementById("map").dataset.clients === "2"`))
}

// say says a line to a server and waits for the answer.
func (v *visit) say(server, line string) error {
	return errors.Join(
		v.do(
			script(`document.getElementById("answer").replaceChildren()`),
			chromedp.SetValue("#say-server", server),
			chromedp.SetValue("#say-line", line),
			chromedp.Click("#say .main"),
		),
		v.until(answered+" !== null"))
}

// script runs a statement on the page.
func script(statement string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](statement)
}

func (v *visit) reports() error {
	before, err := value[[]int](v.browser, `[...document.querySelectorAll(".node")].map((n) => Number(n.dataset.hits ?? 0))`)
	if err != nil {
		return err
	}
	began := time.Now()
	if err := v.say("Gasol", fmt.Sprintf("IAMAT lime.example +48.8566+002.3522 %d", time.Now().Unix())); err != nil {
		return err
	}
	if err := errors.Join(
		v.until(newest+`?.textContent.includes("lime.example told Gasol that it is at 48.86° N, 2.35° E")`),
		v.until(`document.getElementById("map").dataset.clients === "3"`),
	); err != nil {
		return err
	}
	fmt.Printf("        (seen %d ms after the click on Send)\n", time.Since(began).Milliseconds())
	text, err := value[string](v.browser, answered+".textContent")
	if err != nil || !strings.HasPrefix(text, "AT Gasol +") || !strings.Contains(text, " lime.example +48.8566+002.3522 ") {
		return fmt.Errorf("%w: the answer is %q (%w)", errNotSo, text, err)
	}
	if err := v.until(newest + `.dataset.reached === "5"`); err != nil {
		return err
	}
	// The dot is where Paris is: a little above and east of the map's middle.
	const inked = `(() => {
		const c = document.querySelectorAll("#map canvas")[1], [x, y] = d3.geoEqualEarthRaw(2.3522 * Math.PI / 180, 48.8566 * Math.PI / 180);
		const scale = Math.min((c.clientWidth - 16) / (2 * d3.geoEqualEarthRaw(Math.PI, 0)[0]), (c.clientHeight - 16) / (2 * d3.geoEqualEarthRaw(0, Math.PI / 2)[1]));
		return c.getContext("2d").getImageData(c.width / 2 + x * scale * devicePixelRatio, c.height / 2 - y * scale * devicePixelRatio, 1, 1).data[3] > 200;
	})()`
	if err := v.until(inked); err != nil {
		return err
	}
	return v.until(fmt.Sprintf(`[...document.querySelectorAll(".node")].every((n, i) => Number(n.dataset.hits ?? 0) > %s[i])`, list(before)))
}

func list(numbers []int) string {
	var texts []string
	for _, n := range numbers {
		texts = append(texts, strconv.Itoa(n))
	}
	return "[" + strings.Join(texts, ",") + "]"
}

func (v *visit) names() error {
	const markup, colour = `<script>window.harm=1</script><img/src=x/onerror=window.harm=1>`, "red\x1b[31m"
	for _, name := range []string{markup, colour} {
		// A text field cannot hold an escape; what a program sends can.
		if err := v.tell("Farmar", fmt.Sprintf("IAMAT %s -33.8688+151.2093 %d\n", name, time.Now().Unix())); err != nil {
			return err
		}
	}
	if err := errors.Join(
		v.until(`document.getElementById("feed").textContent.includes("`+strings.ReplaceAll(markup, `"`, `\"`)+`")`),
		v.until(`document.getElementById("feed").textContent.includes("red\\x1b[31m")`),
	); err != nil {
		return err
	}
	harm, err := value[bool](v.browser, `Boolean(window.harm) || document.querySelector("#feed script, #feed img, .tip img") !== null`)
	if err != nil || harm {
		return fmt.Errorf("%w: a client's name was markup (%w)", errNotSo, err)
	}
	return nil
}

// shoot keeps a picture of the window, if pictures are kept. Chromium writes them fast
// and large.
func (v *visit) shoot(name string) error {
	if v.shots == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	taken, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		return err
	}
	picture, err := png.Decode(bytes.NewReader(taken))
	if err != nil {
		return err
	}
	var small bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&small, picture); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(v.shots, "page-"+name+".png"), small.Bytes(), 0o644)
}
