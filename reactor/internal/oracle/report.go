package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// writeDifference prints the short script and both transcripts side by side.
func writeDifference(out io.Writer, family, version string, whole, short outcome) {
	fmt.Fprintf(out, "DIFFERENCE in family %s, shrunk from %d statements to %d:\n", family, len(whole.script), len(short.script))
	for _, statement := range short.script {
		fmt.Fprintf(out, "    %s\n", statement)
	}
	width := len("ours")
	for _, e := range short.ours {
		width = max(width, len(e))
	}
	width = min(width, 60)
	fmt.Fprintf(out, "\n    %-*s | Twisted %s\n", width, "ours", version)
	for i := range min(max(len(short.ours), len(short.theirs)), short.at+10) {
		mark := "   "
		if i == short.at {
			mark = ">>>"
		}
		fmt.Fprintf(out, "%s %-*s | %s\n", mark, width, event(short.ours, i), event(short.theirs, i))
	}
	fmt.Fprintln(out)
}

// writeTable prints a row for each family, and the sum.
func writeTable(out io.Writer, tallies []*tally) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "family\tscenarios\tevents compared\tcut short\tdifferences\tTwisted\t")
	sum := tally{family: "all", version: "-"}
	for _, t := range tallies {
		writeRow(w, t)
		sum.scenarios += t.scenarios
		sum.events += t.events
		sum.cut += t.cut
		sum.differences += t.differences
	}
	writeRow(w, &sum)
	_ = w.Flush() // to a terminal, as all else here
	reasons := counts{}
	for _, t := range tallies {
		for reason, n := range t.cutsByReason {
			reasons[t.family+": "+reason] += n
		}
	}
	if len(reasons) > 0 {
		fmt.Fprintln(out, "\ncut short at an event that is known to differ:")
		for _, reason := range slices.Sorted(maps.Keys(reasons)) {
			fmt.Fprintf(out, "%6d  %s\n", reasons[reason], reason)
		}
	}
}

func writeRow(w io.Writer, t *tally) {
	fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%s\t\n", t.family, t.scenarios, t.events, t.cut, t.differences, t.version)
}

// writeStats prints how often each kind of statement and event occurred.
func writeStats(out io.Writer, tallies []*tally) {
	for _, t := range tallies {
		fmt.Fprintf(out, "\n%s\n", t.family)
		for _, kinds := range []struct {
			title string
			counts
		}{{"statements", t.statementKinds}, {"events", t.eventKinds}} {
			fmt.Fprintf(out, "  %s:", kinds.title)
			for _, kind := range slices.Sorted(maps.Keys(kinds.counts)) {
				fmt.Fprintf(out, " %s %d,", strings.ReplaceAll(kind, " ", ""), kinds.counts[kind])
			}
			fmt.Fprintln(out)
		}
	}
}
