package scenario

import (
	"iter"
	"slices"
)

// step is one measurement, or one slice of it.
type step struct {
	point, round, slice int
	run                 *run
}

// steps is the order of a scenario's measurements: those that are compared, close together
// in time, and in one order at first and in the other next, A B B A. They are the entries at
// one point, or, if so it is said, one entry at all points. points has the runs that are
// measured at each. Measurements in slices have their first ones all before the second.
func (s *Scenario) steps(runs []*run, points [][]*run) iter.Seq[step] {
	return func(yield func(step) bool) {
		for _, part := range s.parts(runs, points) {
			for i := range s.Rounds * s.slices {
				for _, next := range part {
					next.round, next.slice = i/s.slices, i%s.slices
					if !yield(next) {
						return
					}
				}
				slices.Reverse(part)
			}
		}
	}
}

// parts are the steps of one round, of which each part has all its rounds before the next.
func (s *Scenario) parts(runs []*run, points [][]*run) (parts [][]step) {
	if s.PointsTogether {
		var all []step
		for _, r := range runs {
			for at := range points {
				if slices.Contains(points[at], r) {
					all = append(all, step{point: at, run: r})
				}
			}
		}
		return [][]step{all}
	}
	for at, playing := range points {
		var all []step
		for _, r := range playing {
			all = append(all, step{point: at, run: r})
		}
		parts = append(parts, all)
	}
	return parts
}
