package scenario

import (
	"math"

	"proxyherd/bench/paired"
)

// Agreement is one ratio as two runs have it.
type Agreement struct {
	Scenario, Point, Entry string
	Metric                 Metric
	One, Other             paired.Range
	Apart                  paired.Noise // their medians
	Single                 paired.Noise // how far this one's may be by chance, in 19 of 20 cases
	Noise                  paired.Noise // and all of the run's at once, in 19 of 20 runs
	Agree                  bool         // they are no farther apart than Noise
}

// least is how far two ratios may always be from each other: what another start of the
// same programs makes of memory's pages, say, which the rounds of one start do not show.
const least paired.Noise = 1.05

// Agree compares the ratios that two runs both have of more than one round and with a
// noise, those of the null comparisons aside. Two runs agree about all of them, by chance,
// in 19 of 20 cases.
func Agree(one, other *Report) (list []Agreement) {
	compared := agreeing{one.Ratios(), other.Ratios()}
	for i := range one.Scenarios {
		for j := range other.Scenarios {
			if one.Scenarios[i].Name == other.Scenarios[j].Name {
				list = append(list, compared.outcomes(&one.Scenarios[i], &other.Scenarios[j])...)
			}
		}
	}
	return list
}

// agreeing is how many ratios each of two runs has.
type agreeing struct{ one, other int }

func (g agreeing) outcomes(one, other *Outcome) (list []Agreement) {
	for i := range one.Points {
		for j := range other.Points {
			if one.Points[i].Point.Name != other.Points[j].Point.Name {
				continue
			}
			for _, name := range one.Metrics {
				m, err := MetricNamed(name)
				if err != nil {
					continue // of a report that another version wrote
				}
				for _, a := range g.points(&one.Points[i], &other.Points[j], m) {
					a.Scenario, a.Point = one.Name, one.Points[i].Point.Name
					list = append(list, a)
				}
			}
		}
	}
	return list
}

func (g agreeing) points(one, other *PointOutcome, m Metric) (list []Agreement) {
	first, single := one.Compare(m)
	second, otherSingle := other.Compare(m)
	if !single.Known() || !otherSingle.Known() {
		return nil
	}
	both := one.Noise(m, g.one).With(other.Noise(m, g.other))
	for _, a := range first {
		for _, b := range second {
			if a.Entry.Name != b.Entry.Name || a.Base.Name != b.Base.Name || !a.judged() || !b.judged() {
				continue
			}
			apart := apart(a.Ratio.Median, b.Ratio.Median)
			list = append(list, Agreement{
				Entry: a.Entry.Name, Metric: m, One: *a.Ratio, Other: *b.Ratio, Apart: apart,
				Single: max(least, single.With(otherSingle)), Noise: max(least, both), Agree: apart <= max(least, both),
			})
		}
	}
	return list
}

// apart is how far two ratios are from each other; without bound if just one is 0.
func apart(a, b float64) paired.Noise {
	if a == b {
		return 1
	}
	return paired.Noise(math.Exp(math.Abs(math.Log(a / b))))
}
