package main

import (
	"encoding/xml"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"proxyherd/herd"
)

// The drawing's measures, in pixels.
const (
	dotRadius   = 7.0
	labelSize   = 14.0
	labelGap    = 6.0
	letterWidth = 0.62 * labelSize // of a sans-serif letter, on the wide side
	betweenDots = 60.0             // along the circle
	leastCircle = 90.0             // its radius
)

// svgGraph draws a herd on a circle: a dot for each server in the order of the
// config, a line for each link. Servers that the herd hangs on are red. It holds
// nothing that a browser would fetch or run.
func svgGraph(t *herd.Topology, cuts []cut) string {
	names := t.Names()
	radius := max(leastCircle, betweenDots*float64(len(names))/(2*math.Pi))
	widest := 0
	for _, name := range names {
		widest = max(widest, utf8.RuneCountInString(visible(name)))
	}
	halfHeight := radius + dotRadius + labelGap + 2*labelSize
	halfWidth := radius + dotRadius + labelGap + letterWidth*float64(widest)
	at := make(map[string][2]float64, len(names))
	for i, name := range names {
		angle := 2*math.Pi*float64(i)/float64(len(names)) - math.Pi/2 // the first is at the top
		at[name] = [2]float64{radius * math.Cos(angle), radius * math.Sin(angle)}
	}

	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="%.0f %.0f %.0f %.0f" font-family="sans-serif" font-size="%.0f">`+"\n",
		-halfWidth, -halfHeight, 2*halfWidth, 2*halfHeight, labelSize)
	fmt.Fprintf(&b, `<rect x="%.0f" y="%.0f" width="%.0f" height="%.0f" fill="white"/>`+"\n", -halfWidth, -halfHeight, 2*halfWidth, 2*halfHeight)
	for _, l := range linkList(t) {
		from, to := at[l[0]], at[l[1]]
		fmt.Fprintf(&b, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="#888888" stroke-width="1.5"/>`+"\n", from[0], from[1], to[0], to[1])
	}
	for _, name := range names {
		colour, title := "#3566a8", count(len(t.Neighbours(name)), "link")
		if i := slices.IndexFunc(cuts, func(c cut) bool { return c.Server == name }); i >= 0 {
			colour, title = "#b03030", cuts[i].String()
		}
		x, y := at[name][0], at[name][1]
		fmt.Fprintf(&b, `<circle cx="%.1f" cy="%.1f" r="%.0f" fill="%s"><title>%s</title></circle>`+"\n", x, y, dotRadius, colour, asXML(title))
		anchor, dx, dy := label(x, y, radius)
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" text-anchor="%s">%s</text>`+"\n", x+dx, y+dy, anchor, asXML(name))
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// label says where a dot's name goes: outwards, and above or below the dot where
// it would otherwise lie on the lines.
func label(x, y, radius float64) (anchor string, dx, dy float64) {
	const away = dotRadius + labelGap
	switch middle := labelSize / 3; {
	case math.Abs(x) > radius/10 && x > 0:
		return "start", away, middle
	case math.Abs(x) > radius/10:
		return "end", -away, middle
	case y > 0:
		return "middle", 0, away + labelSize/2
	}
	return "middle", 0, -away
}

// asXML is a text as it may stand between tags.
func asXML(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(visible(text))) // a Builder takes everything
	return b.String()
}
