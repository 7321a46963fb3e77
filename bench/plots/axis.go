package plots

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
)

// Axis is what one direction of a panel means.
type Axis struct {
	// Label names the quantity and its unit, such as "latency (µs)".
	Label string

	// Log makes equal factors equally long. All numbers must then be above 0. An axis
	// without it begins at 0, unless something is below.
	Log bool
}

// extent is what an axis has to show.
type extent struct{ low, high float64 }

func nothing() extent { return extent{math.Inf(1), math.Inf(-1)} }

// take widens the extent.
func (e *extent) take(v float64) {
	e.low, e.high = math.Min(e.low, v), math.Max(e.high, v)
}

// check says whether a number has a place on the axis.
func (a Axis) check(v float64) error {
	if math.IsNaN(v) || math.IsInf(v, 0) || a.Log && v <= 0 {
		return fmt.Errorf("%w: %v, on %q (logarithmic: %t)", ErrNumber, v, a.Label, a.Log)
	}
	return nil
}

// place is where a number stands on the axis. (plot.LogScale would do that too, but keeps
// room for the label as if it stood elsewhere.)
func (a Axis) place(v float64) float64 {
	if a.Log {
		return math.Log10(v)
	}
	return v
}

// setUp makes the axis show the extent, and gives it its marks.
func (a Axis) setUp(axis *plot.Axis, e extent) {
	axis.Label.Text = a.Label
	if a.Log {
		low, high := roundedDown(e.low), roundedUp(e.high)
		axis.Min, axis.Max = a.place(low), a.place(high)
		axis.Tick.Marker = plot.TickerFunc(func(float64, float64) []plot.Tick {
			ticks := logTicks(low, high)
			for i := range ticks {
				ticks[i].Value = a.place(ticks[i].Value)
			}
			return ticks
		})
		return
	}
	axis.Min, axis.Max = math.Min(e.low, 0), math.Max(e.high, 0)
	if axis.Min == axis.Max {
		axis.Max = 1
	}
	step := linearStep(axis.Max - axis.Min)
	axis.Min, axis.Max = math.Floor(axis.Min/step)*step, math.Ceil(axis.Max/step)*step
	axis.Tick.Marker = plot.TickerFunc(linearTicks)
}

// round125 are the numbers at which a logarithmic axis may begin and end, up to a
// power of ten.
var round125 = [...]float64{1, 2, 5, 10}

// slack lets a number that is round but for its last digit count as round.
const slack = 1e-9

func roundedDown(v float64) float64 {
	decade := math.Pow(10, math.Floor(math.Log10(v)))
	best := decade
	for _, m := range round125 {
		if m*decade <= v*(1+slack) {
			best = m * decade
		}
	}
	if best >= v*(1-slack) { // what stands on the very edge is hard to see
		return roundedDown(v * 0.9)
	}
	return best
}

func roundedUp(v float64) float64 {
	decade := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range round125 {
		if m*decade > v*(1+slack) {
			return m * decade
		}
	}
	return 20 * decade
}

// logTicks marks each of 1 to 9 times a power of ten; it writes the powers, and where
// they are few 2 and 5 times them too.
func logTicks(low, high float64) (ticks []plot.Tick) {
	few := math.Log10(high/low) < 2.5
	many := math.Log10(high/low) > 7
	for exponent := int(math.Floor(math.Log10(low))); ; exponent++ {
		decade := math.Pow(10, float64(exponent))
		for m := 1; m < 10; m++ {
			v := float64(m) * decade
			if v > high*(1+slack) {
				return ticks
			}
			tick := plot.Tick{Value: v}
			if m == 1 && (!many || exponent%2 == 0) || few && (m == 2 || m == 5) {
				tick.Label = number(v)
			}
			if v >= low*(1-slack) {
				ticks = append(ticks, tick)
			}
		}
	}
}

// linearStep is a round distance that some five marks have.
func linearStep(span float64) float64 {
	decade := math.Pow(10, math.Floor(math.Log10(span/5)))
	for _, m := range round125 {
		if span/(m*decade) <= 6 {
			return m * decade
		}
	}
	return 10 * decade
}

func linearTicks(low, high float64) (ticks []plot.Tick) {
	step := linearStep(high - low)
	for i := math.Round(low / step); i*step <= high+step*slack; i++ {
		ticks = append(ticks, plot.Tick{Value: i * step, Label: number(i * step)})
	}
	return ticks
}

// number writes a number with three digits and a letter for thousands: "20k", "1.5M",
// "0.25".
func number(v float64) string {
	letter := ""
	switch a := math.Abs(v); {
	case a >= 999.5e6:
		v, letter = v/1e9, "G"
	case a >= 999.5e3:
		v, letter = v/1e6, "M"
	case a >= 999.5:
		v, letter = v/1e3, "k"
	}
	text := strconv.FormatFloat(v, 'g', 3, 64)
	if strings.Contains(text, "e") { // very small
		return text
	}
	return text + letter
}
