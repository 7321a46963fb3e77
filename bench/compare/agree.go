package main

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"proxyherd/bench/paired"
	"proxyherd/bench/scenario"
)

// errDiffer are two runs of which some ratios differ.
var errDiffer = errors.New("the two runs do not agree")

// wide is the noise of both runs from which on an agreement says little.
const wide = 1.5

// agree says of each ratio that both runs have whether they agree about it.
func agree(out io.Writer, paths []string) error {
	if len(paths) != 2 {
		return errors.New("-agree takes the JSON of two runs")
	}
	var reports []*scenario.Report
	for _, path := range paths {
		r, err := read(path)
		if err != nil {
			return err
		}
		reports = append(reports, r)
	}
	list := scenario.Agree(reports[0], reports[1])
	if len(list) == 0 {
		return errors.New("no ratio is in both runs")
	}
	differ, noisy, beyond, apart := 0, 0, 0, make([]paired.Noise, 0, len(list))
	for _, a := range list {
		verdict := ""
		apart = append(apart, a.Apart)
		if a.Apart > a.Single {
			beyond++
		}
		switch {
		case !a.Agree:
			verdict = "DIFFER"
			differ++
		case a.Noise > wide:
			verdict = "agree, by noise"
			noisy++
		default:
			verdict = "agree"
		}
		fmt.Fprintf(out, "%-15s %-32s %-32s %-27s %-18s %-18s to %s  %s\n",
			a.Scenario, a.Point, a.Entry, a.Metric.Title, ratio(a.One), ratio(a.Other), a.Noise, verdict)
	}
	fmt.Fprintf(out, "%d ratios are in both runs: %d agree, %d more only as the noise of both is above %s, %d differ\n",
		len(list), len(list)-differ-noisy, noisy, paired.Noise(wide), differ)
	fmt.Fprintf(out, "%d are farther apart than the noise of one ratio, which chance makes one in twenty: some %d\n", beyond, (len(list)+19)/20)
	slices.Sort(apart)
	fmt.Fprintf(out, "half of the medians are within %s of each other, nine in ten within %s\n", quantile(apart, 5), quantile(apart, 9))
	if differ > 0 {
		points := slices.DeleteFunc(list, func(a scenario.Agreement) bool { return a.Agree })
		return fmt.Errorf("%w: %d of %d ratios differ, the first in %s, %s: %s", errDiffer, differ, len(list),
			points[0].Scenario, points[0].Point, points[0].Entry)
	}
	return nil
}

// quantile is, of distances in their order, the one that so many tenths of them do not exceed.
func quantile(sorted []paired.Noise, tenths int) paired.Noise {
	return sorted[(len(sorted)*tenths-1)/10]
}

func ratio(r paired.Range) string { return fmt.Sprintf("%.2f (%.2f–%.2f)", r.Median, r.Low, r.High) }
