package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"proxyherd/herd/sim"
)

// errBroken says that a fight was lost.
var errBroken = errors.New("a promise was broken")

// account is what fights came to.
type account struct {
	*sim.Tally
	Seconds float64      `json:"seconds"`
	Left    int          `json:"left,omitempty"`    // fights that a signal has left out
	Missing []string     `json:"missing,omitempty"` // what never occurred, and should have
	Failure *brokenFight `json:"failure,omitempty"` // nil: every promise was kept
}

// brokenFight is a fight in which a promise was broken.
type brokenFight struct {
	Seed       uint64   `json:"seed"`
	Mode       sim.Mode `json:"mode"`
	Violations []string `json:"violations"`
	Acts       int      `json:"acts"`
	Again      string   `json:"again"`        // the command that shows it
	Smaller    int      `json:"smaller_acts"` // acts of the script
	Script     string   `json:"script"`       // of a smaller fight that fails too
}

// fail takes a fight that failed, and makes it smaller.
func (a *account) fail(s *simulation, f *sim.Failure, again string) error {
	small := sim.Shrink(f.Fight, s.variant, shrinkMost)
	lost := &brokenFight{Seed: f.Fight.Seed, Mode: f.Fight.Mode, Acts: len(f.Fight.Acts), Again: again, Smaller: len(small.Acts)}
	for _, v := range f.Violations {
		lost.Violations = append(lost.Violations, v.String())
	}
	var script strings.Builder
	_, err := s.write(&script, small)
	lost.Script = script.String()
	a.Failure = lost
	return err
}

// tell writes an account. The error is the verdict, unless it cannot be written.
func (s *simulation) tell(c *cobra.Command, a *account) error {
	out := c.OutOrStdout()
	var err error
	if s.json {
		err = writeDocument(out, a)
	} else {
		err = a.write(out)
	}
	if err != nil {
		return fmt.Errorf("writing what came of it: %w", err)
	}
	switch {
	case a.Failure != nil:
		return fmt.Errorf("%w by seed %d (%s); see it again: %s", errBroken, a.Failure.Seed, a.Failure.Mode, a.Failure.Again)
	case len(a.Missing) > 0:
		return fmt.Errorf("these never occurred, so the fights are not what they are meant to be: %q", a.Missing)
	}
	return nil
}

// write writes an account for people.
func (a *account) write(out io.Writer) error {
	var text strings.Builder
	if err := a.Tally.Write(&text); err != nil {
		return err
	}
	fmt.Fprintf(&text, "%.1f seconds, %.0f fights a second\n", a.Seconds, float64(a.Fights)/a.Seconds)
	if lost := a.Failure; lost != nil {
		fmt.Fprintf(&text, "\nSeed %d (%s) broke a promise:\n", lost.Seed, lost.Mode)
		for _, v := range lost.Violations {
			fmt.Fprintf(&text, "  %s\n", v)
		}
		fmt.Fprintf(&text, "\nMade smaller, %d acts of %d:\n\n%s", lost.Smaller, lost.Acts, lost.Script)
	} else {
		text.WriteString("Every promise was kept.\n")
	}
	if a.Left > 0 {
		fmt.Fprintf(&text, "It was broken off: %d fights were to come.\n", a.Left)
	}
	_, err := io.WriteString(out, text.String())
	return err
}
