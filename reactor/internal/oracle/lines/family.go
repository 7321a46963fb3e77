package lines

import (
	"bytes"
	"strings"

	"proxyherd/reactor/internal/oracle/scenario"
)

// Family is the scenarios of LineReceiver: chunks, modes, limits, pauses and
// calls from within its callbacks.
var Family = scenario.Family{
	Name:     "lines",
	Weight:   20,
	Generate: generate,
	Play:     play,
	Differences: []scenario.Difference{{
		Rule: "LR7, LR8", Later: true,
		Reason: "later versions wait for a whole delimiter more before an unfinished line is too long",
		From:   unfinishedTooLong,
	}, {
		Rule:   "PM2",
		Reason: "an error of what ResumeProducing delivers aborts the connection; Twisted drops the true value",
		From:   scenario.First("abort"),
	}},
	Statements: statements(),
	Events: []string{"line", "raw", "exceeded", "returned", "cleared", "raised",
		"write", "lose", "abort", "pause", "resume", "stop"},
}

func statements() (kinds []string) {
	kinds = append([]string{"override"}, actions...)
	for _, callback := range []string{"line", "raw", "exceeded"} {
		for _, action := range append([]string{"return", "override"}, actions...) {
			kinds = append(kinds, callback+": "+action)
		}
	}
	return kinds
}

// unfinishedTooLong is where a line without its end first was too long by no
// more than a delimiter. Which delimiter and limit held then is not in the
// transcript: any that the script sets may have.
func unfinishedTooLong(script scenario.Script, ours scenario.Transcript) int {
	delimiters, limits := [][]byte{[]byte("\r\n")}, []int{16384}
	for _, statement := range script {
		_, inner, waits := strings.Cut(statement, ": ")
		if !waits {
			inner = statement
		}
		switch w := scenario.Words(strings.Fields(inner)); w.Word(0) {
		case "delimiter":
			delimiters = append(delimiters, w.Bytes(1))
		case "max":
			limits = append(limits, w.Int(1))
		}
	}
	for i, event := range ours {
		w := scenario.Words(strings.Fields(event))
		if w.Word(0) != "exceeded" {
			continue
		}
		line := w.Bytes(1)
		for _, delimiter := range delimiters {
			for _, limit := range limits {
				if !bytes.Contains(line, delimiter) && len(line) > limit && len(line) < limit+len(delimiter) {
					return i
				}
			}
		}
	}
	return -1
}
