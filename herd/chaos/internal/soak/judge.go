package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
)

// tell judges the samples and says what was found. A measure of a server has grown if
// its median over the last quarter of the time is above that over the second quarter
// by more than a tenth and the measure's slack; the first quarter is for warming up.
// Of the server that was started anew, only its last sample before each new start
// counts.
func (r *results) tell(w io.Writer) (ok bool) {
	ok = len(r.Samples) > 0
	fmt.Fprintf(w, "%-34s %-8s %12s %12s\n", "measure", "server", "2nd quarter", "last quarter")
	for _, m := range measures {
		for _, name := range r.names() {
			values := r.values(name, m.name)
			early, late, enough := quarters(values)
			if !enough {
				fmt.Fprintf(w, "%-34s %-8s too few samples to judge\n", m.label, name)
				ok = false
				continue
			}
			verdict := ""
			if late > early*1.1+m.slack {
				ok, verdict = false, "  HAS GROWN"
			}
			fmt.Fprintf(w, "%-34s %-8s %12.1f %12.1f%s\n", m.label, name, early/m.unit, late/m.unit, verdict)
		}
	}
	never, longest := 0, 0.0
	for _, s := range r.Samples {
		if longest = max(longest, s.Agreed); s.Agreed < 0 {
			never++
		}
	}
	fmt.Fprintf(w, "at %d looks, with nobody reporting, the digests of all servers were equal within %.2fs; at %d they were not within %v\n",
		len(r.Samples)-never, longest, never, agreeBound)
	for _, wrong := range r.Wrong {
		fmt.Fprintf(w, "WRONG: %s\n", wrong)
	}
	ok = ok && never == 0 && len(r.Wrong) == 0
	if ok {
		fmt.Fprintln(w, "Nothing grows.")
	}
	return ok
}

// names are the servers', sorted.
func (r *results) names() []string {
	if len(r.Samples) == 0 {
		return nil
	}
	return slices.Sorted(maps.Keys(r.Samples[0].Servers))
}

// values are those of a measure that count, in the order of their times.
func (r *results) values(name, measure string) (values []float64) {
	for i, s := range r.Samples {
		now := s.Servers[name]
		last := i+1 == len(r.Samples) || r.Samples[i+1].Servers[name].Life != now.Life
		if name != r.Anew || last {
			values = append(values, now.Measure[measure])
		}
	}
	return values
}

// quarters are the medians of the second and of the last quarter.
func quarters(values []float64) (early, late float64, enough bool) {
	n := len(values) / 4
	if n == 0 {
		return 0, 0, false
	}
	return median(values[n : 2*n]), median(values[len(values)-n:]), true
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
