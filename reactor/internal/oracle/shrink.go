package main

import (
	"slices"
	"strconv"
	"strings"

	"proxyherd/reactor/internal/oracle/scenario"
)

// shrink looks for the shortest script on which the two sides still differ:
// without statements, or parts of them, then with payloads joined and shortened and with smaller
// numbers, and again until nothing more can go. The result differs, if o did.
func (c *contest) shrink(o outcome) (outcome, error) {
	s := shrinking{contest: c, best: o}
	for before := ""; before != strings.Join(s.best.script, "\n") && s.err == nil; {
		before = strings.Join(s.best.script, "\n")
		reduce(s.best.script, s.try)
		for i := 0; i+1 < len(s.best.script); {
			if !s.join(i) {
				i++
			}
		}
		for i := range s.best.script {
			s.parts(i)
			s.words(i)
		}
	}
	return s.best, s.err
}

type shrinking struct {
	contest *contest
	best    outcome
	err     error
}

// try keeps a script if the two sides differ on it.
func (s *shrinking) try(script scenario.Script) bool {
	if s.err != nil {
		return false
	}
	var o outcome
	if o, s.err = s.contest.play(script); s.err != nil || !o.differs {
		return false
	}
	s.best = o
	return true
}

// join makes one of the i-th statement and the next, if they differ in one
// payload and nothing else: two chunks of a stream become one.
func (s *shrinking) join(i int) bool {
	words, others := strings.Fields(s.best.script[i]), strings.Fields(s.best.script[i+1])
	if len(words) != len(others) {
		return false
	}
	joined := -1
	for j := range words {
		data, isPayload := scenario.Unquote(words[j])
		more, isToo := scenario.Unquote(others[j])
		switch {
		case isPayload && isToo && joined < 0:
			joined = j
			words[j] = scenario.Quote(append(data, more...))
		case words[j] != others[j]:
			return false
		}
	}
	if joined < 0 {
		return false
	}
	script := slices.Delete(slices.Clone(s.best.script), i, i+1)
	script[i] = strings.Join(words, " ")
	return s.try(script)
}

// parts leaves out what it can of the i-th statement where that is several, with
// "; " between them: one step of a socket scenario.
func (s *shrinking) parts(i int) {
	where, all, waits := strings.Cut(s.best.script[i], ": ")
	if !waits {
		where, all = "", where
	} else {
		where += ": "
	}
	reduce(strings.Split(all, "; "), func(rest []string) bool {
		if len(rest) == 0 {
			return false // to leave it out as a whole was tried
		}
		script := slices.Clone(s.best.script)
		script[i] = where + strings.Join(rest, "; ")
		return s.try(script)
	})
}

// words makes the words of the i-th statement smaller.
func (s *shrinking) words(i int) {
	for j, word := range strings.Fields(s.best.script[i]) {
		with := func(word string) bool {
			script := slices.Clone(s.best.script)
			words := strings.Fields(script[i])
			words[j] = word
			script[i] = strings.Join(words, " ")
			return s.try(script)
		}
		if data, ok := scenario.Unquote(word); ok {
			reduce(data, func(shorter []byte) bool { return with(scenario.Quote(shorter)) })
			continue
		}
		number, rest := word, ""
		if strings.HasSuffix(word, ":") { // of "in KIND N:"
			number, rest = word[:len(word)-1], ":"
		}
		if n, err := strconv.Atoi(number); err == nil {
			least(n, func(smaller int) bool { return with(strconv.Itoa(smaller) + rest) })
		}
	}
}

// least tries smaller numbers than n, 0 and 1 first, while wanted likes one. It
// halves what is left each time: sizes go into the millions.
func least(n int, wanted func(int) bool) {
	tooSmall := -1
	for _, first := range []int{0, 1} {
		if first < n {
			if wanted(first) {
				return
			}
			tooSmall = first
		}
	}
	for tooSmall+1 < n {
		if middle := tooSmall + (n-tooSmall)/2; wanted(middle) {
			n = middle
		} else {
			tooSmall = middle
		}
	}
}

// reduce takes as much as it can out of items while wanted likes the rest:
// halves first, then ever smaller pieces.
func reduce[S ~[]T, T any](items S, wanted func(S) bool) S {
	for size := (len(items) + 1) / 2; size > 0; size /= 2 {
		for at := 0; at < len(items); {
			rest := slices.Concat(items[:at], items[min(at+size, len(items)):])
			if wanted(rest) {
				items = rest
			} else {
				at += size
			}
		}
	}
	return items
}
