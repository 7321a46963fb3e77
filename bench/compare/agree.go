package main

import (
	"errors"
	"fmt"
	"io"
	"math"
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
	differ, noisy := 0, 0
	for _, a := range list {
		verdict := ""
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
			a.Scenario, a.Point, a.Entry, a.Metric.Title, ratio(a.One), ratio(a.Other), percent(a.Noise), verdict)
	}
	fmt.Fprintf(out, "%d ratios are in both runs: %d agree, %d more only as the noise of both is above %s, %d differ\n",
		len(list), len(list)-differ-noisy, noisy, percent(wide), differ)
	if differ > 0 {
		points := slices.DeleteFunc(list, func(a scenario.Agreement) bool { return a.Agree })
		return fmt.Errorf("%w: %d of %d ratios differ, the first in %s, %s: %s", errDiffer, differ, len(list),
			points[0].Scenario, points[0].Point, points[0].Entry)
	}
	return nil
}

func ratio(r paired.Range) string { return fmt.Sprintf("%.2f (%.2f–%.2f)", r.Median, r.Low, r.High) }

func percent(n paired.Noise) string {
	if math.IsInf(float64(n), 1) {
		return "what is not known"
	}
	return fmt.Sprintf("%.0f %%", 100*(float64(n)-1))
}
