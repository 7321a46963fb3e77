package sim

import (
	"fmt"
	"io"
	"strings"
)

// Write writes the report as a table.
func (r *SpreadReport) Write(out io.Writer) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%s: %d servers, %d links; 2E - (N - 1) is %d messages an update; every link takes %.3f ms\n\n",
		r.Graph, r.Servers, r.Links, r.Formula, r.Latency*1e3)
	fmt.Fprintf(&text, "%-10s %9s %10s %5s %13s %9s %9s %9s\n",
		"from", "messages", "redundancy", "hops", "eccentricity", "50 %/ms", "99 %/ms", "100 %/ms")
	for _, u := range r.Updates {
		fmt.Fprintf(&text, "%-10s %9d %10.3f %5d %13d %9.3f %9.3f %9.3f\n",
			u.From, u.Messages, u.Redundancy, u.Hops, u.Eccentricity, u.Half*1e3, u.Most*1e3, u.All*1e3)
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// The picture's measures, in pixels.
const (
	width, height = 640, 400
	left, right   = 60, 20
	top, bottom   = 40, 50
)

// WriteSVG draws, for each update, the share of the servers that have it over
// time.
func (r *SpreadReport) WriteSVG(out io.Writer) error {
	hops := 1
	for _, u := range r.Updates {
		hops = max(hops, u.Hops)
	}
	x := func(hop int) float64 { return left + float64(hop)*(width-left-right)/float64(hops) }
	y := func(share float64) float64 { return height - bottom - share*(height-top-bottom) }
	var svg strings.Builder
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+"\n", width, height)
	fmt.Fprintf(&svg, `<title>%s of %d servers: who has an update, over time</title>`+"\n", r.Graph, r.Servers)
	fmt.Fprintf(&svg, `<rect width="%d" height="%d" fill="#fff"/>`+"\n", width, height)
	fmt.Fprintf(&svg, `<text x="%d" y="22">%s, %d servers, %d links: %d messages an update</text>`+"\n", left, r.Graph, r.Servers, r.Links, r.Formula)
	for percent := 0; percent <= 100; percent += 25 {
		at := y(float64(percent) / 100)
		fmt.Fprintf(&svg, `<path d="M%d %.1fH%d" stroke="#ccc"/><text x="%d" y="%.1f" text-anchor="end">%d %%</text>`+"\n",
			left, at, width-right, left-8, at+4, percent)
	}
	for hop := 0; hop <= hops; hop += 1 + hops/10 {
		fmt.Fprintf(&svg, `<text x="%.1f" y="%d" text-anchor="middle">%.4g</text>`+"\n", x(hop), height-bottom+18, float64(hop)*r.Latency*1e3)
	}
	fmt.Fprintf(&svg, `<text x="%d" y="%d" text-anchor="middle">milliseconds (one hop takes %.4g)</text>`+"\n", width/2, height-12, r.Latency*1e3)
	for _, u := range r.Updates {
		r.draw(&svg, u, x, y)
	}
	svg.WriteString("</svg>\n")
	_, err := io.WriteString(out, svg.String())
	return err
}

// draw adds one update's stairs.
func (r *SpreadReport) draw(svg *strings.Builder, u Update, x func(int) float64, y func(float64) float64) {
	fmt.Fprintf(svg, `<path fill="none" stroke="#06c" stroke-opacity=".6" d="`)
	for hop, reached := range u.Reached {
		at := y(float64(reached) / float64(r.Servers))
		if hop == 0 {
			fmt.Fprintf(svg, "M%.1f %.1f", x(0), at)
			continue
		}
		fmt.Fprintf(svg, "H%.1fV%.1f", x(hop), at)
	}
	fmt.Fprintf(svg, `"><title>from %s</title></path>`+"\n", u.From)
}
