package scenario

import "proxyherd/bench/paired"

// Agreement is one ratio as two runs have it.
type Agreement struct {
	Scenario, Point, Entry string
	Metric                 Metric
	One, Other             paired.Range
	Noise                  paired.Noise // of both runs together
	Agree                  bool
}

// least is how far two ratios may always be from each other: what another start of the
// same programs makes of memory's pages, say, which the rounds of one start do not show.
const least paired.Noise = 1.05

// Agree compares the ratios that two runs both have of more than one round, those of the
// null comparisons aside. Two agree if the median of each lies within the other's range,
// widened by the noise of both.
func Agree(one, other *Report) (list []Agreement) {
	for i := range one.Scenarios {
		for j := range other.Scenarios {
			if one.Scenarios[i].Name == other.Scenarios[j].Name {
				list = append(list, agreeIn(&one.Scenarios[i], &other.Scenarios[j])...)
			}
		}
	}
	return list
}

func agreeIn(one, other *Outcome) (list []Agreement) {
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
				for _, a := range agreeAt(&one.Points[i], &other.Points[j], m) {
					a.Scenario, a.Point = one.Name, one.Points[i].Point.Name
					list = append(list, a)
				}
			}
		}
	}
	return list
}

func agreeAt(one, other *PointOutcome, m Metric) (list []Agreement) {
	first, noise := one.Compare(m)
	second, otherNoise := other.Compare(m)
	for _, a := range first {
		for _, b := range second {
			if a.Entry.Name != b.Entry.Name || a.Base.Name != b.Base.Name || a.Entry.Null || a.Ratio == nil || b.Ratio == nil ||
				len(a.Entry.Measurements) < 2 || len(b.Entry.Measurements) < 2 {
				continue
			}
			both := max(least, noise*otherNoise)
			list = append(list, Agreement{
				Entry: a.Entry.Name, Metric: m, One: *a.Ratio, Other: *b.Ratio, Noise: both,
				Agree: inside(a.Ratio.Median, *b.Ratio, both) && inside(b.Ratio.Median, *a.Ratio, both),
			})
		}
	}
	return list
}

func inside(v float64, of paired.Range, noise paired.Noise) bool {
	return v >= of.Low/float64(noise) && v <= of.High*float64(noise)
}
