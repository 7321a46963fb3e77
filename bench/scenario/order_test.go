package scenario

import (
	"slices"
	"testing"
)

// Entries are measured close together at each point, or points for each entry; in the one
// order and then in the other; slices of them each in their turn.
func TestTheOrderOfMeasurements(t *testing.T) {
	a, b, c := &run{}, &run{}, &run{}
	runs := []*run{a, b, c}
	points := [][]*run{{a, b, c}, {a, c}} // b is not measured at the second
	for _, test := range []struct {
		name     string
		together bool
		slices   int
		want     []step
	}{
		{"entries", false, 1, []step{
			{0, 0, 0, a}, {0, 0, 0, b}, {0, 0, 0, c}, {0, 1, 0, c}, {0, 1, 0, b}, {0, 1, 0, a},
			{1, 0, 0, a}, {1, 0, 0, c}, {1, 1, 0, c}, {1, 1, 0, a},
		}},
		{"points", true, 1, []step{
			{0, 0, 0, a}, {1, 0, 0, a}, {0, 0, 0, b}, {0, 0, 0, c}, {1, 0, 0, c},
			{1, 1, 0, c}, {0, 1, 0, c}, {0, 1, 0, b}, {1, 1, 0, a}, {0, 1, 0, a},
		}},
		{"slices", false, 3, []step{
			{0, 0, 0, a}, {0, 0, 0, b}, {0, 0, 0, c}, {0, 0, 1, c}, {0, 0, 1, b}, {0, 0, 1, a}, {0, 0, 2, a}, {0, 0, 2, b}, {0, 0, 2, c},
			{0, 1, 0, c}, {0, 1, 0, b}, {0, 1, 0, a}, {0, 1, 1, a}, {0, 1, 1, b}, {0, 1, 1, c}, {0, 1, 2, c}, {0, 1, 2, b}, {0, 1, 2, a},
			{1, 0, 0, a}, {1, 0, 0, c}, {1, 0, 1, c}, {1, 0, 1, a}, {1, 0, 2, a}, {1, 0, 2, c},
			{1, 1, 0, c}, {1, 1, 0, a}, {1, 1, 1, a}, {1, 1, 1, c}, {1, 1, 2, c}, {1, 1, 2, a},
		}},
	} {
		s := Scenario{PointsTogether: test.together, Rounds: 2, slices: test.slices}
		if got := slices.Collect(s.steps(runs, points)); !slices.Equal(got, test.want) {
			t.Errorf("%s together: %v, want %v", test.name, got, test.want)
		}
	}
}
