package plots

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Bars is a panel of bars that lie below each other, each with its name before it and
// its number behind it.
type Bars struct {
	Title string
	X     Axis
	Bars  []Bar // from the top
}

// Bar is one bar. Low and High are the range of what was measured; where both are 0
// there is none.
type Bar struct {
	Name             string
	Value, Low, High float64
	Strong           bool // drawn darker than the others
}

const (
	barPitch  = 5 * vg.Millimeter // from one bar to the next
	barsFrame = 20 * vg.Millimeter
	barWidth  = 0.62 // of the pitch
)

func (b Bars) draw() (*plot.Plot, *plot.Legend, vg.Length, error) {
	x := nothing()
	for _, bar := range b.Bars {
		for _, v := range bar.numbers() {
			if err := b.X.check(v); err != nil {
				return nil, nil, 0, fmt.Errorf("%s: %w", bar.Name, err)
			}
			x.take(v)
		}
	}
	if len(b.Bars) == 0 {
		return nil, nil, 0, fmt.Errorf("%w: %q has no bars", ErrEmpty, b.Title)
	}
	p := sheet(b.Title)
	x.high *= 1.1 // room for the number behind the longest
	b.X.setUp(&p.X, x)
	var names plot.ConstantTicks
	for i, bar := range b.Bars {
		names = append(names, plot.Tick{Value: b.row(i), Label: bar.Name})
	}
	p.Y.Tick.Marker, p.Y.Tick.Length = names, 0
	p.Y.Min, p.Y.Max = -0.6, float64(len(b.Bars))-0.4
	p.X.Padding, p.Y.Padding = 0, 0
	p.Add(b)
	return p, nil, barsFrame + barPitch*vg.Length(len(b.Bars)), nil
}

// row is where a bar lies: the first is at the top.
func (b Bars) row(i int) float64 { return float64(len(b.Bars) - 1 - i) }

func (b Bar) numbers() []float64 {
	if b.ranged() {
		return []float64{b.Value, b.Low, b.High}
	}
	return []float64{b.Value}
}

func (b Bar) ranged() bool { return b.Low != 0 || b.High != 0 }

// Plot implements plot.Plotter.
func (b Bars) Plot(c draw.Canvas, p *plot.Plot) {
	place, toY := p.Transforms(&c)
	toX := func(v float64) vg.Length { return place(b.X.place(v)) }
	text := p.X.Tick.Label
	text.XAlign, text.YAlign = draw.XLeft, draw.YCenter
	for i, bar := range b.Bars {
		from, to, end := c.Min.X, toX(bar.Value), toX(bar.Value)
		if !b.X.Log {
			from = toX(0)
		}
		bottom, middle, top := toY(b.row(i)-barWidth/2), toY(b.row(i)), toY(b.row(i)+barWidth/2)
		shade := light
		if bar.Strong {
			shade = strong
		}
		c.FillPolygon(shade, []vg.Point{{X: from, Y: bottom}, {X: to, Y: bottom}, {X: to, Y: top}, {X: from, Y: top}})
		if bar.ranged() {
			end = toX(bar.High)
			drawRange(c, draw.LineStyle{Color: p.X.Color, Width: 0.7}, vg.Point{X: toX(bar.Low), Y: middle}, vg.Point{X: end, Y: middle})
		}
		c.FillText(text, vg.Point{X: max(to, end) + 3, Y: middle}, number(bar.Value))
	}
}
