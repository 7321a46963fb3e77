package plots

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// rates is a figure with everything in it.
func rates() []Panel {
	rate := func(name string, factor float64) Line {
		l := Line{Name: name}
		for _, x := range []float64{1000, 5000, 20000, 50000, 100000, 150000} {
			y := factor * (20 + 400*math.Pow(x/150000, 6))
			l.Points = append(l.Points, Point{X: x, Y: y, Low: y * 0.8, High: y * 1.5})
		}
		return l
	}
	curve := func(name string, middle float64) Line {
		l := Line{Name: name}
		for i := range 100 {
			share := (float64(i) + 0.5) / 100
			l.Points = append(l.Points, Point{X: middle * math.Exp(math.Log(share/(1-share))/4), Y: share * 100})
		}
		return l
	}
	return []Panel{
		Lines{
			Title: "Latency against rate", X: Axis{Label: "requests a second"}, Y: Axis{Label: "p99 latency (µs)", Log: true},
			Lines: []Line{rate("herd, reactor", 1), rate("herd, goroutines", 1.3), rate("gnet.Run", 0.9), rate("C, epoll", 0.8), rate("Redis", 1.7), rate("Twisted", 9)},
		},
		Lines{
			Title: "Propagation", X: Axis{Label: "time since it was sent (µs)", Log: true}, Y: Axis{Label: "updates that had arrived (%)"},
			Lines: []Line{curve("1 hop", 90), curve("2 hops", 140), curve("3 hops", 200)},
		},
		Bars{
			Title: "Throughput, 16 requests a write", X: Axis{Label: "requests a second"},
			Bars: []Bar{
				{Name: "C, epoll", Value: 1.685e6, Low: 1.6e6, High: 1.71e6}, {Name: "gnet.Run", Value: 1.078e6, Low: 1e6, High: 1.2e6},
				{Name: "herd, reactor", Value: 1.1e6, Low: 1.05e6, High: 1.15e6, Strong: true}, {Name: "Twisted", Value: 0.157e6},
			},
		},
	}
}

func TestAFigureIsSVGAndPNG(t *testing.T) {
	var svg, bitmap bytes.Buffer
	if err := errors.Join(Write(&svg, SVG, rates()...), Write(&bitmap, PNG, rates()...)); err != nil {
		t.Fatal(err)
	}
	texts := 0
	for d := xml.NewDecoder(&svg); ; {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("it is no XML: %v", err)
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "text" {
			texts++
			for _, a := range start.Attr {
				if a.Name.Local == "style" && !strings.Contains(a.Value, "sans-serif") {
					t.Errorf("where Liberation Sans is missing this has no font: %s", a.Value)
				}
			}
		}
	}
	if texts < 40 {
		t.Errorf("the figure has %d texts", texts)
	}
	// To look at it: go test -artifacts -outputdir DIR ./bench/plots
	if err := os.WriteFile(filepath.Join(t.ArtifactDir(), "figure.png"), bitmap.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(&bitmap)
	if err != nil {
		t.Fatal(err)
	}
	if w, want := picture.Bounds().Dx(), int(math.Round(160/25.4*dpi)); w < want-1 || w > want+1 {
		t.Errorf("it is %d pixels wide, not %d", w, want)
	}
}

// No two lines of a figure look the same, be the colours lost.
func TestLinesDifferWithoutColour(t *testing.T) {
	seen := map[string]int{}
	for i := range 35 {
		line, glyph := look(i)
		form := reflect.TypeOf(glyph.Shape).String() + " " + strings.Trim(strings.ReplaceAll(string(appendLengths(line.Dashes)), ",", " "), " ")
		if other, twice := seen[form]; twice {
			t.Errorf("lines %d and %d are both %s", other, i, form)
		}
		seen[form] = i
	}
}

// A formula has no markers, what was measured beside it no line, and the two look alike;
// one without a name is not in the key.
func TestAFormulaBesideAMeasurement(t *testing.T) {
	points := []Point{{X: 1, Y: 1}, {X: 2, Y: 2}}
	count := func(lines ...Line) (paths, texts int) {
		t.Helper()
		var svg bytes.Buffer
		if err := Write(&svg, SVG, Lines{Lines: lines}); err != nil {
			t.Fatal(err)
		}
		return strings.Count(svg.String(), "<path"), strings.Count(svg.String(), "<text")
	}
	both, named := count(Line{Name: "a", Points: points})
	markers, _ := count(Line{Name: "a", Points: points, Only: Markers})
	stroke, unnamed := count(Line{Points: points, Only: Stroke})
	// A line is a path in the panel and one in the key, a marker one in each place.
	if both-markers != 2 || both-stroke != 2+1+1 || named-unnamed != 1 {
		t.Errorf("%d paths with both, %d with markers, %d with a line; %d texts with a name, %d without", both, markers, stroke, named, unnamed)
	}
	first := newStroke(Line{Points: points}, 0, 2)
	like := newStroke(Line{Points: points, Like: 1}, 1, 2)
	if !reflect.DeepEqual(first, like) {
		t.Errorf("%+v is not like %+v", like, first)
	}
}

func appendLengths[T ~float64](list []T) (b []byte) {
	for _, v := range list {
		b = append(b, number(float64(v))+","...)
	}
	return b
}

func TestWhatCannotBeDrawn(t *testing.T) {
	at := func(p Point) Panel {
		return Lines{X: Axis{Log: true}, Y: Axis{Log: true}, Lines: []Line{{Name: "x", Points: []Point{p}}}}
	}
	for _, c := range []struct {
		format Format
		panels []Panel
		want   error
	}{
		{SVG, nil, ErrEmpty},
		{SVG, []Panel{Lines{}}, ErrEmpty},
		{SVG, []Panel{Bars{}}, ErrEmpty},
		{SVG, []Panel{at(Point{X: 0, Y: 1})}, ErrNumber},
		{SVG, []Panel{at(Point{X: 1, Y: math.NaN()})}, ErrNumber},
		{SVG, []Panel{at(Point{X: 1, Y: 1, High: 2})}, ErrNumber},
		{SVG, []Panel{Bars{Bars: []Bar{{Value: math.Inf(1)}}}}, ErrNumber},
		{"pdf", []Panel{at(Point{X: 1, Y: 1})}, ErrFormat},
		{PNG, []Panel{at(Point{X: 1, Y: 1})}, nil},
		{SVG, []Panel{Lines{Lines: []Line{{Points: []Point{{}}}}}, Bars{Bars: []Bar{{}}}}, nil},
	} {
		if err := Write(io.Discard, c.format, c.panels...); !errors.Is(err, c.want) {
			t.Errorf("%s %+v: %v, want %v", c.format, c.panels, err, c.want)
		}
	}
}

func TestMarksOfAxes(t *testing.T) {
	for _, c := range []struct {
		axis      Axis
		low, high float64
		want      string
	}{
		{Axis{}, 30, 97, "0 20 40 60 80 100"},
		{Axis{}, 0, 1.2e6, "0 200k 400k 600k 800k 1M 1.2M"},
		{Axis{}, -3, 4, "-4 -2 0 2 4"},
		{Axis{Log: true}, 17, 230, "10 20 50 100 200 500"},
		{Axis{Log: true}, 12, 2.2e6, "10 100 1k 10k 100k 1M"},
	} {
		p := sheet("")
		c.axis.setUp(&p.X, extent{c.low, c.high})
		var labels []string
		for _, tick := range p.X.Tick.Marker.Ticks(p.X.Min, p.X.Max) {
			if tick.Label != "" {
				labels = append(labels, tick.Label)
			}
		}
		if got := strings.Join(labels, " "); got != c.want {
			t.Errorf("%+v from %g to %g: %s, want %s", c.axis, c.low, c.high, got, c.want)
		}
	}
}

func TestNumber(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 0.25: "0.25", 17: "17", 999.4: "999", 999.6: "1k", 20000: "20k", 1.685e6: "1.69M", -1500: "-1.5k", 3e9: "3G", 1e-7: "1e-07"} {
		if got := number(v); got != want {
			t.Errorf("%v is written %s, want %s", v, got, want)
		}
	}
}
