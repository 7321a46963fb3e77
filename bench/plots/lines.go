package plots

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Lines is a panel of lines over a common axis.
type Lines struct {
	Title  string
	X, Y   Axis
	Lines  []Line
	Height float64 // in millimetres; 0: 70
}

// Line is one line, named in the key beside the panel.
type Line struct {
	Name   string  // empty: not in the key
	Points []Point // from left to right

	// Only draws its markers alone, or the line alone: what was measured, and the
	// formula that runs through it.
	Only Part

	// Like makes it look like the line with that number, from 1. 0: like no other.
	Like int
}

// Part is what is drawn of a line.
type Part string

// The parts. A line without one is drawn with both.
const (
	Markers Part = "markers"
	Stroke  Part = "stroke"
)

// Point is a place on a line. Low and High are the range of what was measured there,
// a bar through the point; where both are 0 there is none.
type Point struct{ X, Y, Low, High float64 }

// ranged says whether the point has a range.
func (p Point) ranged() bool { return p.Low != 0 || p.High != 0 }

const usualHeight = 70

// mostMarkers is how many markers a line has at most: more would make it a blot.
const mostMarkers = 9

func (l Lines) draw() (*plot.Plot, *plot.Legend, vg.Length, error) {
	x, y, err := l.extents()
	if err != nil {
		return nil, nil, 0, err
	}
	p := sheet(l.Title)
	l.X.setUp(&p.X, x)
	l.Y.setUp(&p.Y, y)
	lattice := plotter.NewGrid()
	lattice.Horizontal.Color, lattice.Vertical.Color = faint, faint
	lattice.Horizontal.Width, lattice.Vertical.Width = 0.4, 0.4
	lattice.Horizontal.Dashes, lattice.Vertical.Dashes = nil, nil
	p.Add(lattice)
	key := plot.NewLegend()
	key.TextStyle.Font = letters(tickSize)
	key.Top, key.Left, key.Padding, key.ThumbnailWidth = true, true, 2, 9*vg.Millimeter
	for i, line := range l.Lines {
		s := newStroke(line, i, len(l.Lines))
		s.x, s.y = l.X, l.Y
		p.Add(s)
		if line.Name != "" {
			key.Add(line.Name, s)
		}
	}
	height := l.Height
	if height == 0 {
		height = usualHeight
	}
	return p, &key, vg.Length(height) * vg.Millimeter, nil
}

// extents checks every number, and finds what the axes have to show.
func (l Lines) extents() (x, y extent, err error) {
	x, y = nothing(), nothing()
	for _, line := range l.Lines {
		for _, p := range line.Points {
			ys := []float64{p.Y}
			if p.ranged() {
				ys = append(ys, p.Low, p.High)
			}
			if err := l.X.check(p.X); err != nil {
				return x, y, fmt.Errorf("%s: %w", line.Name, err)
			}
			x.take(p.X)
			for _, v := range ys {
				if err := l.Y.check(v); err != nil {
					return x, y, fmt.Errorf("%s: %w", line.Name, err)
				}
				y.take(v)
			}
		}
	}
	if x.low > x.high {
		return x, y, fmt.Errorf("%w: %q has no points", ErrEmpty, l.Title)
	}
	return x, y, nil
}

// stroke draws one line with its markers and ranges.
type stroke struct {
	x, y       Axis
	points     []Point
	only       Part
	line       draw.LineStyle
	glyph      draw.GlyphStyle
	first, gap int // which points have markers
}

func newStroke(l Line, i, of int) stroke {
	if l.Like > 0 {
		i = l.Like - 1
	}
	line, glyph := look(i)
	s := stroke{points: l.Points, only: l.Only, line: line, glyph: glyph, gap: 1}
	// Markers alone are all there is to see, and so none is left out.
	if n := len(l.Points); n > mostMarkers && l.Only != Markers {
		// Lines that lie on each other show their markers in turn.
		s.gap = (n + mostMarkers - 1) / mostMarkers
		s.first = i * s.gap / of
	}
	return s
}

// Plot implements plot.Plotter.
func (s stroke) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	var path []vg.Point
	for _, point := range s.points {
		path = append(path, vg.Point{X: toX(s.x.place(point.X)), Y: toY(s.y.place(point.Y))})
	}
	if s.only != Markers {
		c.StrokeLines(s.line, path)
	}
	whisker := draw.LineStyle{Color: s.line.Color, Width: 0.6}
	for i, point := range s.points {
		if point.ranged() {
			drawRange(c, whisker, vg.Point{X: path[i].X, Y: toY(s.y.place(point.Low))}, vg.Point{X: path[i].X, Y: toY(s.y.place(point.High))})
		}
		if i%s.gap == s.first && s.only != Stroke {
			c.DrawGlyphNoClip(s.glyph, path[i])
		}
	}
}

// Thumbnail implements plot.Thumbnailer.
func (s stroke) Thumbnail(c *draw.Canvas) {
	middle := c.Center()
	if s.only != Markers {
		c.StrokeLine2(s.line, c.Min.X, middle.Y, c.Max.X, middle.Y)
	}
	if s.only != Stroke {
		c.DrawGlyphNoClip(s.glyph, middle)
	}
}

// drawRange draws a bar with feet between two points, one above or beside the other.
func drawRange(c draw.Canvas, style draw.LineStyle, from, to vg.Point) {
	const foot = 1.8
	c.StrokeLine2(style, from.X, from.Y, to.X, to.Y)
	for _, end := range []vg.Point{from, to} {
		if from.X == to.X {
			c.StrokeLine2(style, end.X-foot, end.Y, end.X+foot, end.Y)
		} else {
			c.StrokeLine2(style, end.X, end.Y-foot, end.X, end.Y+foot)
		}
	}
}
