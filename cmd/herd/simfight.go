package main

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"proxyherd/herd/sim"
)

const (
	// progressEvery is how often a campaign tells how far it is.
	progressEvery = 5 * time.Second
	// shrinkMost is how many fights it may take to make a failure smaller.
	shrinkMost = 3000
)

// campaign fights many seeds.
func (s *simulation) campaign(c *cobra.Command) error {
	ctx, stop := signal.NotifyContext(c.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	defer debug.SetGCPercent(debug.SetGCPercent(sim.GarbagePercent))
	began := time.Now()
	told := began
	all := s.seeds * len(s.modes)
	campaign := sim.Campaign{
		First: s.first, Seeds: s.seeds, Modes: s.modes, Options: s.options(), Variant: s.variant, Jobs: s.jobs,
		Progress: func(fights int) {
			if now := time.Now(); now.Sub(told) >= progressEvery {
				told = now
				fmt.Fprintf(c.ErrOrStderr(), "%d of %d fights, %.0f a second\n", fights, all, float64(fights)/now.Sub(began).Seconds())
			}
		},
	}
	outcome, err := campaign.Run(ctx)
	if err != nil {
		return simError(err)
	}
	a := &account{Tally: outcome.Tally, Seconds: time.Since(began).Seconds()}
	if ctx.Err() != nil && outcome.Failure == nil {
		a.Left = all - a.Fights
	}
	if s.seeds >= sim.FightsThatShowAll && a.Left == 0 && s.graph == "" && s.servers == 0 {
		a.Missing = outcome.Tally.Missing()
	}
	if f := outcome.Failure; f != nil {
		if err := a.fail(s, f, s.seedAgain(f.Fight)); err != nil {
			return err
		}
	}
	return s.tell(c, a)
}

func (s *simulation) options() sim.Options {
	return sim.Options{Graph: s.graph, Servers: s.servers, Bus: s.bus}
}

// runSeed fights one seed, in one mode or both. Of two only one is shown as a
// script, so that it can be run again: the one that fails, or else the first.
func (s *simulation) runSeed(c *cobra.Command) error {
	var fights []*sim.Fight
	for _, mode := range s.modes {
		f, err := sim.NewFight(s.seed, mode, s.options())
		if err != nil {
			return simError(err)
		}
		fights = append(fights, f)
	}
	if s.trace {
		failed := slices.IndexFunc(fights, func(f *sim.Fight) bool { return f.Run(sim.Watch{Variant: s.variant}).Failed() })
		return s.show(c, fights[max(failed, 0)])
	}
	for _, f := range fights {
		if err := s.runOne(c, f, s.seedAgain(f)); err != nil {
			return err
		}
	}
	return nil
}

// runScript fights what a file says.
func (s *simulation) runScript(c *cobra.Command) error {
	file, err := os.Open(s.script)
	if err != nil {
		return simError(err)
	}
	defer file.Close()
	f, err := sim.ReadScript(file)
	if err != nil {
		return simError(fmt.Errorf("%s: %w", s.script, err))
	}
	if s.trace {
		return s.show(c, f)
	}
	return s.runOne(c, f, "herd sim --script "+s.script+s.faulty()+" --trace")
}

// seedAgain is the command that shows the fight of a seed.
func (s *simulation) seedAgain(f *sim.Fight) string {
	again := fmt.Sprintf("herd sim --seed %d --mode %s", f.Seed, f.Mode)
	if s.graph != "" {
		again += " --graph " + s.graph
	}
	if s.servers != 0 {
		again += fmt.Sprintf(" --servers %d", s.servers)
	}
	if s.bus {
		again += " --bus"
	}
	return again + s.faulty() + " --trace"
}

func (s *simulation) faulty() string {
	if s.mistake == "" {
		return ""
	}
	return " --mistake " + s.mistake
}

// runOne runs a fight and tells what came of it; again is the command that shows
// it.
func (s *simulation) runOne(c *cobra.Command, f *sim.Fight, again string) error {
	began := time.Now()
	result := f.Run(sim.Watch{Variant: s.variant})
	a := &account{Tally: result.Tally, Seconds: time.Since(began).Seconds()}
	if result.Failed() {
		if err := a.fail(s, &sim.Failure{Fight: f, Violations: result.Violations}, again); err != nil {
			return err
		}
	}
	return s.tell(c, a)
}

// show runs a fight and writes its script, with what clients saw.
func (s *simulation) show(c *cobra.Command, f *sim.Fight) error {
	result, err := s.write(c.OutOrStdout(), f)
	if err == nil && result.Failed() {
		err = fmt.Errorf("%w: %v", errBroken, result.Violations[0])
	}
	return err
}

// write runs a fight and writes its script, with what clients saw and what was
// broken.
func (s *simulation) write(out io.Writer, f *sim.Fight) (*sim.Result, error) {
	notes := map[int][]string{}
	result := f.Run(sim.Watch{Variant: s.variant, Note: func(acts int, text string) { notes[acts] = append(notes[acts], text) }})
	for _, v := range result.Violations {
		notes[len(f.Acts)] = append(notes[len(f.Acts)], v.String())
	}
	return result, f.WriteScript(out, notes)
}
