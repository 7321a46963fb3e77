package paired

import (
	"math"
	"slices"
)

// Scatter is how far numbers of the same thing are from each other, round by round, when
// what a round does to all of them is taken off.
type Scatter struct {
	Variance float64 // of the logarithm of one number
	Freedom  int     // degrees of freedom that it is known with; 0: it is not known
	Rounds   int
}

// Row is what was measured of one thing in each round.
type Row struct {
	Thing  int // rows of the same one measure it more than once in a round
	Values []float64
}

// ScatterOf returns the scatter of all rows together, which knows more of it than each
// alone: a number is what its thing is, times what its round does to all, times chance. A
// row that lacks a number, or has one that is not above 0, does not count.
func ScatterOf(rows []Row) Scatter {
	rounds := 0
	for _, r := range rows {
		rounds = max(rounds, len(r.Values))
	}
	var logs []Row
	for _, r := range rows {
		if l, whole := r.logarithms(rounds); whole {
			logs = append(logs, l)
		}
	}
	things := map[int][]float64{}
	for _, r := range logs {
		things[r.Thing] = append(things[r.Thing], r.Values...)
	}
	freedom := len(logs)*rounds - len(things) - (rounds - 1)
	if len(logs) == 0 || freedom <= 0 {
		return Scatter{Rounds: rounds}
	}
	// What a thing is, then what a round is, are means: each thing has as many numbers in
	// every round, so the one changes nothing in the other.
	for _, r := range logs {
		takeOff(r.Values, mean(things[r.Thing]))
	}
	squares := 0.0
	for round := range rounds {
		column := make([]float64, len(logs))
		for i, r := range logs {
			column[i] = r.Values[round]
		}
		takeOff(column, mean(column))
		for _, left := range column {
			squares += left * left
		}
	}
	return Scatter{Variance: squares / float64(freedom), Freedom: freedom, Rounds: rounds}
}

// logarithms are a row's; false unless there is one in every round.
func (r Row) logarithms(rounds int) (Row, bool) {
	logs := Row{Thing: r.Thing, Values: slices.Clone(r.Values)}
	for i, v := range logs.Values {
		if !(v > 0) { // NaN is not either
			return Row{}, false
		}
		logs.Values[i] = math.Log(v)
	}
	return logs, len(logs.Values) == rounds
}

func mean(numbers []float64) float64 {
	sum := 0.0
	for _, v := range numbers {
		sum += v
	}
	return sum / float64(len(numbers))
}

func takeOff(numbers []float64, what float64) {
	for i := range numbers {
		numbers[i] -= what
	}
}

// Noise is how far the median of the rounds' ratios of two such numbers may be from the
// truth. It holds for all of so many ratios at once in 19 of 20 runs (Bonferroni): of
// twenty ratios that each keep a noise of their own in 19 of 20 cases, one is beyond it as
// a rule.
func (s Scatter) Noise(among int) Noise {
	if s.Freedom == 0 || among < 1 {
		return noiseTo(math.Inf(1))
	}
	ofMedian := 2 * s.Variance / float64(s.Rounds)
	if s.Rounds > 2 {
		ofMedian *= math.Pi / 2 // a median of many is so much less sure than their mean
	}
	return noiseTo(students(s.Freedom, inTwenty/float64(among)) * math.Sqrt(ofMedian))
}
