// Package scenario is what the oracle and its families agree on: a script that
// is played on Twisted and on ours, and the transcript of what happened.
package scenario

import (
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
)

// Script is statements, one a line: words with one space between them, bytes
// quoted as by Quote. A statement about a thing that does not exist, or exists
// already, does nothing, so that any part of a script is a script. One that
// begins "in KIND N:" is kept and played inside the N-th callback of that KIND,
// counted from 1 (see Stage).
type Script []string

// Transcript is events, one a line, in the form of statements.
type Transcript []string

// Family is a kind of scenario. The module of the same name in the folder
// twisted plays its scripts on Twisted: play(script) gives the transcript.
type Family struct {
	// Name is the family's, and that of its module: letters only.
	Name string
	// Weight is how many of the scenarios it gets, beside the other families';
	// 0 means DefaultWeight. One whose scenarios are slow has less.
	Weight int
	// Generate makes a script. Everything random comes from r, so that a seed
	// gives the same script for ever.
	Generate func(r *rand.Rand) Script
	// Play plays a script on ours.
	Play func(Script) Transcript
	// Differences are what is known to differ.
	Differences []Difference
	// Statements and Events are the kinds, as StatementKind and EventKind give
	// them, that 2,000 scripts and their transcripts must have, and no others.
	Statements, Events []string
}

// DefaultWeight is the weight of a family that sets none.
const DefaultWeight = 10

// Difference is a way in which a Twisted differs from ours on purpose.
type Difference struct {
	// Rule names it in contract.md or docs/twisted.md, and Reason tells it.
	Rule, Reason string
	// Later says that Twisted 13.2.0, of which ours is the port, does as ours
	// does, and later versions differ.
	Later bool
	// From is the place of the first event of ours that may differ, or -1.
	// Nothing is compared from there on.
	From func(script Script, ours Transcript) int
}

// Original is the version of Twisted that ours is the port of.
const Original = "13.2.0"

// Comparable is how many events of ours can be compared with a Twisted of that
// version, and the difference that ends it; nil if none does.
func (f *Family) Comparable(version string, script Script, ours Transcript) (length int, ends *Difference) {
	length = len(ours)
	for i := range f.Differences {
		d := &f.Differences[i]
		if d.Later && version == Original {
			continue
		}
		if from := d.From(script, ours); from >= 0 && (ends == nil || from < length) {
			length, ends = from, d
		}
	}
	return length, ends
}

// Script makes the script that belongs to a seed.
func (f *Family) Script(seed uint64) Script {
	name := fnv.New64a()
	_, _ = name.Write([]byte(f.Name)) // a hash never fails
	return f.Generate(rand.New(rand.NewPCG(seed, name.Sum64())))
}

// StatementKind is what a statement does: its first word, and "KIND: word" of
// one that waits for a callback.
func StatementKind(statement string) string {
	where, inner, waits := strings.Cut(statement, ": ")
	if !waits {
		return firstWord(statement)
	}
	return strings.Fields(where)[1] + ": " + firstWord(inner)
}

// EventKind is what happened: an event's first word.
func EventKind(event string) string { return firstWord(event) }

func firstWord(line string) string {
	word, _, _ := strings.Cut(line, " ")
	return word
}

// First is a Difference's From: where an event of a kind comes first.
func First(kind string) func(Script, Transcript) int {
	return func(_ Script, ours Transcript) int {
		return slices.IndexFunc(ours, func(event string) bool { return EventKind(event) == kind })
	}
}
