package main

import (
	"errors"
	"fmt"
	"slices"

	"proxyherd/reactor/internal/oracle/scenario"
)

// player is Twisted, or what was recorded of it.
type player interface {
	play(family string, script scenario.Script) (scenario.Transcript, error)
}

// contest compares ours with a Twisted, in one family.
type contest struct {
	family  *scenario.Family
	twisted player
	version string // of that Twisted
	repeat  int
}

// outcome is what became of one script.
type outcome struct {
	script       scenario.Script
	ours, theirs scenario.Transcript
	compared     int                  // events
	cut          *scenario.Difference // what ended the comparison, if anything
	differs      bool
	at           int // the first event that differs
}

var errAnother = errors.New("the same script gave another transcript")

// play plays a script on both sides.
func (c *contest) play(script scenario.Script) (outcome, error) {
	o := outcome{script: script, ours: c.family.Play(script)}
	var err error
	if o.theirs, err = c.twisted.play(c.family.Name, script); err != nil {
		return o, err
	}
	for range c.repeat - 1 {
		if again := c.family.Play(script); !slices.Equal(again, o.ours) {
			return o, fmt.Errorf("ours: %w: family %s, script %q gave %q, then %q", errAnother, c.family.Name, script, o.ours, again)
		}
		again, err := c.twisted.play(c.family.Name, script)
		if err != nil {
			return o, err
		}
		if !slices.Equal(again, o.theirs) {
			return o, fmt.Errorf("on Twisted: %w: family %s, script %q gave %q, then %q", errAnother, c.family.Name, script, o.theirs, again)
		}
	}
	o.compare(c.family, c.version)
	return o, nil
}

func (o *outcome) compare(family *scenario.Family, version string) {
	o.compared, o.cut = family.Comparable(version, o.script, o.ours)
	ours, theirs := o.ours[:o.compared], o.theirs
	if o.cut != nil && len(theirs) > len(ours) {
		theirs = theirs[:len(ours)]
	}
	for o.at = range max(len(ours), len(theirs)) {
		if event(ours, o.at) != event(theirs, o.at) {
			o.differs = true
			return
		}
	}
}

// event is the i-th event, or a mark that there is none.
func event(t scenario.Transcript, i int) string {
	if i < len(t) {
		return t[i]
	}
	return "(nothing more)"
}
