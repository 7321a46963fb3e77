package plots

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The sizes of letters on the page.
const (
	titleSize = 9 * vg.Length(1)
	labelSize = 8 * vg.Length(1)
	tickSize  = 7 * vg.Length(1)
)

// The greys: of lines that guide the eye, of bars, and of the bars that matter most.
var (
	faint  = color.Gray{Y: 220}
	light  = color.Gray{Y: 190}
	strong = color.Gray{Y: 95}
)

// A line is told from the others by its shade, its dashes and its markers: any two of
// the three are enough, so that a copy of a copy can be read.
var (
	shades = []color.Color{
		color.Black, color.RGBA{R: 0, G: 90, B: 160, A: 255}, color.RGBA{R: 190, G: 80, B: 0, A: 255},
		color.Gray{Y: 120}, color.RGBA{R: 0, G: 130, B: 100, A: 255}, color.RGBA{R: 150, G: 60, B: 120, A: 255},
	}
	dashes = [][]vg.Length{nil, {6, 2}, {2, 2}, {8, 2, 2, 2}, {4, 1.5}}
	shapes = []draw.GlyphDrawer{
		draw.CircleGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{}, draw.RingGlyph{}, draw.CrossGlyph{},
		draw.SquareGlyph{}, draw.TriangleGlyph{},
	}
)

// look is how the line with that number is drawn. The lists' lengths have no common
// divisor, so that it takes 210 lines for two to look the same.
func look(i int) (draw.LineStyle, draw.GlyphStyle) {
	shade := shades[i%len(shades)]
	return draw.LineStyle{Color: shade, Width: 1, Dashes: dashes[i%len(dashes)]},
		draw.GlyphStyle{Color: shade, Radius: 2.2, Shape: shapes[i%len(shapes)]}
}

// sheet is an empty plot in this package's form.
func sheet(title string) *plot.Plot {
	p := plot.New()
	p.Title.Text = title
	p.Title.TextStyle.Font = letters(titleSize)
	p.Title.Padding = 2 * vg.Millimeter
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Label.TextStyle.Font = letters(labelSize)
		axis.Label.Padding = vg.Millimeter
		axis.Tick.Label.Font = letters(tickSize)
		axis.Tick.Length = 3
		axis.Padding = 2
	}
	return p
}

func letters(size vg.Length) font.Font { return font.From(sans, size) }

var sans = font.Font{Typeface: "Liberation", Variant: "Sans"}
