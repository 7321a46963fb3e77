// Package plots draws measurements for a page of a paper: lines and bars with their
// ranges, in black, greys, dashes and markers, so that a printer without colours
// loses nothing.
//
// A figure is one or more panels above each other, [Lines] or [Bars]; [Write] draws
// it. It is the one package that knows how pictures are made.
package plots

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Format is what a figure is written as.
type Format string

// The formats.
const (
	SVG Format = "svg" // for the page
	PNG Format = "png" // for a look at it
)

// What cannot be drawn.
var (
	ErrEmpty  = errors.New("there is nothing to draw")
	ErrNumber = errors.New("this number has no place on its axis")
	ErrFormat = errors.New("no such format of a picture: there are svg and png")
)

// Panel is a part of a figure: [Lines] or [Bars].
type Panel interface {
	// draw makes the plot; what explains its lines, if anything; and its height.
	draw() (p *plot.Plot, key *plot.Legend, height vg.Length, err error)
}

// width is what a page of A4 leaves between usual margins: 160 mm.
const width = 160 * vg.Millimeter

// dpi is the resolution of a PNG.
const dpi = 150

// Write draws the panels above each other and writes the picture. The error wraps one
// of the Err values, or is the writer's.
func Write(w io.Writer, format Format, panels ...Panel) error {
	if len(panels) == 0 {
		return fmt.Errorf("%w: the figure has no panels", ErrEmpty)
	}
	f := figure{}
	for i, panel := range panels {
		if err := f.add(panel); err != nil {
			return fmt.Errorf("panel %d: %w", i+1, err)
		}
	}
	switch format {
	case SVG:
		canvas := vgsvg.New(width, f.height)
		f.drawOn(draw.New(canvas))
		var text bytes.Buffer
		if _, err := canvas.WriteTo(&text); err != nil {
			return err
		}
		_, err := w.Write(bytes.ReplaceAll(text.Bytes(), []byte(drawnIn), []byte(readIn)))
		return err
	case PNG:
		canvas := vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(width, f.height), vgimg.UseDPI(dpi))}
		f.drawOn(draw.New(canvas))
		_, err := canvas.WriteTo(w)
		return err
	}
	return fmt.Errorf("%w: %q", ErrFormat, format)
}

// The fonts of a picture are not in it. Where Liberation Sans is missing, those that
// are as wide are named.
const (
	drawnIn = "font-family:Liberation Sans;"
	readIn  = "font-family:'Liberation Sans',Arial,Helvetica,sans-serif;"
)

// figure is the panels as they are drawn.
type figure struct {
	rows   []row
	height vg.Length
	keys   vg.Length // how wide the widest key is
}

type row struct {
	plot   *plot.Plot
	key    *plot.Legend
	height vg.Length
}

const keyGap = 4 * vg.Millimeter

func (f *figure) add(panel Panel) error {
	p, key, height, err := panel.draw()
	if err != nil {
		return err
	}
	f.rows = append(f.rows, row{p, key, height})
	f.height += height
	if key != nil {
		size := key.Rectangle(draw.Canvas{}).Size()
		f.keys = vg.Length(math.Max(float64(f.keys), float64(size.X+keyGap)))
	}
	return nil
}

// drawOn draws the rows with their axes in one line.
func (f *figure) drawOn(page draw.Canvas) {
	const margin = 2 * vg.Millimeter
	var left vg.Length
	for _, r := range f.rows {
		left = vg.Length(math.Max(float64(left), float64(r.plot.DataCanvas(page).Min.X-page.Min.X)))
	}
	top := page.Max.Y
	for _, r := range f.rows {
		place := page
		place.Max.Y, place.Min.Y = top-margin, top-r.height+margin
		top -= r.height
		own := r.plot.DataCanvas(place).Min.X - place.Min.X
		data := draw.Crop(place, left-own+margin, -margin-f.keys, 0, 0)
		r.plot.Draw(data)
		if r.key != nil {
			inner := r.plot.DataCanvas(data)
			place.Max.Y, place.Min.X = inner.Max.Y, place.Max.X-f.keys+keyGap/2
			r.key.Draw(place)
		}
	}
}
