package main

import (
	"bytes"
	"fmt"
	"html"
	"slices"
	"strings"
)

// The picture's measures, in pixels.
const (
	boxHeight = 38.0
	rowHeight = 82.0
	gap       = 18.0
	letter    = 7.1 // the width of one, at 12 px
	margin    = 16.0
	least     = 1080.0
)

// colours of the three kinds of packages; they differ in grey too.
func colour(name string) (fill, stroke string) {
	first, _, _ := strings.Cut(name, "/")
	switch first {
	case "reactor", "protocols", "factories":
		return "#dbe7f5", "#3566a8"
	case "herd":
		return "#f4ead2", "#9a7420"
	}
	return "#ececec", "#606060"
}

func (p *placed) width() float64 {
	longest := max(len(p.name), int(0.85*float64(len(strings.Join(p.outside, ", ")))))
	return letter*float64(longest) + 16
}

// draw is the picture, in SVG.
func draw(l *layers) []byte {
	widest := least
	for _, row := range l.rows {
		widest = max(widest, widthOf(row))
	}
	height := rowHeight * float64(len(l.rows))
	for _, row := range l.rows {
		// What is left over goes between the boxes.
		between := (widest - widthOf(row)) / float64(len(row)+1)
		x := margin + between
		for _, p := range row {
			p.x = x + p.width()/2
			p.y = margin + height - rowHeight*float64(p.row) - rowHeight/2
			x += p.width() + gap + between
		}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" font-family="sans-serif" font-size="12" text-anchor="middle">`+"\n", widest+2*margin, height+2*margin)
	b.WriteString(`<title>Who imports whom: each package stands above what it imports</title>` + "\n")
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" fill="white"/>`+"\n")
	for _, row := range slices.Backward(l.rows) {
		for _, p := range row {
			for _, to := range p.arrows {
				arrow(&b, p, to)
			}
		}
	}
	for _, row := range slices.Backward(l.rows) {
		for _, p := range row {
			box(&b, p)
		}
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

func widthOf(row []*placed) float64 {
	sum := gap * float64(len(row)-1)
	for _, p := range row {
		sum += p.width()
	}
	return sum
}

func arrow(b *bytes.Buffer, from, to *placed) {
	top, bottom := from.y+boxHeight/2, to.y-boxHeight/2
	middle := (top + bottom) / 2
	fmt.Fprintf(b, `<path d="M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f" fill="none" stroke="#8a8a8a"/>`+"\n",
		from.x, top, from.x, middle, to.x, middle, to.x, bottom)
	fmt.Fprintf(b, `<path d="M%.1f %.1fl-3.5 -7h7z" fill="#8a8a8a"/>`+"\n", to.x, bottom)
}

func box(b *bytes.Buffer, p *placed) {
	fill, stroke := colour(p.name)
	fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.0f" rx="4" fill="%s" stroke="%s"/>`+"\n",
		p.x-p.width()/2, p.y-boxHeight/2, p.width(), boxHeight, fill, stroke)
	at := p.y + 4
	if len(p.outside) > 0 {
		at = p.y - 3
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" font-size="10" fill="#505050">%s</text>`+"\n", p.x, p.y+12, html.EscapeString(strings.Join(p.outside, ", ")))
	}
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f">%s</text>`+"\n", p.x, at, html.EscapeString(p.name))
}
