package herdtest

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"proxyherd/herd"
)

// match compares a line that came with the one a script expects; nil if it is
// that.
func match(want, got string, exactTime bool) error {
	if json, ok := strings.CutPrefix(want, "{json "); ok {
		return matchJSON(strings.TrimSuffix(json, "}"), got)
	}
	before, rest, masked := strings.Cut(want, "{")
	difference, after, closed := strings.Cut(rest, "}")
	if !masked || !closed {
		if got != want {
			return fmt.Errorf("got  %q\nwant %q", got, want)
		}
		return nil
	}
	if exactTime {
		return match(before+difference+after, got, true)
	}
	middle, ok := strings.CutPrefix(got, before)
	if ok {
		middle, ok = strings.CutSuffix(middle, after)
	}
	if ok {
		_, ok = herd.ParseDifference([]byte(middle))
	}
	if !ok {
		return fmt.Errorf("got  %q\nwant %q, with any difference", got, want)
	}
	return nil
}

// matchJSON checks the second line of a WHATSAT's answer: want is a number of
// results, or "error".
func matchJSON(want, got string) error {
	var answer struct {
		Results []json.RawMessage
		Error   string
	}
	if err := json.Unmarshal([]byte(got), &answer); err != nil {
		return fmt.Errorf("got %q, which is no JSON: %w", got, err)
	}
	if want == "error" {
		if answer.Error == "" {
			return fmt.Errorf("got %q, want an error", got)
		}
		return nil
	}
	n, err := strconv.Atoi(want)
	if err != nil {
		return fmt.Errorf("{json %s}: a number of results, or error", want)
	}
	if len(answer.Results) != n || answer.Results == nil {
		return fmt.Errorf("%d results, want %d: %s", len(answer.Results), n, got)
	}
	return nil
}
