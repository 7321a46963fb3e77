package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"proxyherd/bench/paired"
	"proxyherd/bench/report"
)

// ErrClaim is a sentence that what was measured does not show.
var ErrClaim = errors.New("the text says what was not measured")

// claimed is what a sentence claims, in a comment beside it.
var claimed = regexp.MustCompile(`<!-- claim: (.*?) -->`)

// claims looks whether what a page claims is what was measured: with the results that it
// names it must be; of others, what they do not show is kept in broken.
func (w *writer) claims(page string) (all error) {
	for _, m := range claimed.FindAllStringSubmatch(page, -1) {
		holds, why, err := w.claim(m[1])
		switch {
		case errors.Is(err, report.ErrNotMeasured) && w.results != "":
			w.broken = append(w.broken, fmt.Sprintf("%s (%v)", m[1], err))
		case err != nil:
			all = errors.Join(all, fmt.Errorf("the claim %q: %w", m[1], err))
		case holds:
		case w.results != "":
			w.broken = append(w.broken, fmt.Sprintf("%s (%s)", m[1], why))
		default:
			all = errors.Join(all, fmt.Errorf("%w: %s, but %s", ErrClaim, m[1], why))
		}
	}
	return all
}

// claim is PATH SCENARIO POINT METRIC PEER SIGN PEER. With < or > the median over the
// rounds of the ratio of the two must be below or above 1; with << or >> its whole range,
// beyond the noise; with ~ neither may be so.
func (w *writer) claim(text string) (holds bool, why string, err error) {
	words := strings.Fields(text)
	if len(words) != 7 {
		return false, "", errors.New("a claim is PATH SCENARIO POINT METRIC PEER SIGN PEER")
	}
	r, err := w.read(words[0])
	if err != nil {
		return false, "", err
	}
	q, err := question(words[1:4])
	if err != nil {
		return false, "", err
	}
	first, sign, second := words[4], words[5], words[6]
	b, err := report.Beside(r, second, first, q)
	if err != nil {
		return false, "", err
	}
	why = fmt.Sprintf("the ratio is %.2f (%.2f–%.2f), %s", b.Ratio.Median, b.Ratio.Low, b.Ratio.High, b.Verdict)
	switch sign {
	case "<":
		holds = b.Ratio.Median < 1
	case ">":
		holds = b.Ratio.Median > 1
	case "<<":
		holds = b.Verdict == paired.Less
	case ">>":
		holds = b.Verdict == paired.More
	case "~":
		holds = b.Verdict == paired.Nothing
	default:
		err = fmt.Errorf("%q is no sign: <, >, <<, >> or ~", sign)
	}
	return holds, why, err
}
