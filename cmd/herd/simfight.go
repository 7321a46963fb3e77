package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
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
	// simGarbage makes the garbage collector's share small, for a few megabytes:
	// see debug.SetGCPercent.
	simGarbage = 400
)

// campaign fights many seeds.
func (s *simulation) campaign(c *cobra.Command) error {
	ctx, stop := signal.NotifyContext(c.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	defer debug.SetGCPercent(debug.SetGCPercent(simGarbage))
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
	out := c.OutOrStdout()
	if err := outcome.Tally.Write(out); err != nil {
		return err
	}
	took := time.Since(began).Seconds()
	fmt.Fprintf(out, "%.1f seconds, %.0f fights a second\n", took, float64(outcome.Tally.Fights)/took)
	if f := outcome.Failure; f != nil {
		return s.tellFailure(c, f)
	}
	return s.verdict(ctx, c, outcome.Tally)
}

// verdict is what a campaign without a failure comes to.
func (s *simulation) verdict(ctx context.Context, c *cobra.Command, t *sim.Tally) error {
	if missing := t.Missing(); len(missing) > 0 && s.seeds >= sim.FightsThatShowAll && ctx.Err() == nil && s.graph == "" {
		return fmt.Errorf("these never occurred, so the fights are not what they are meant to be: %q", missing)
	}
	_, err := fmt.Fprintln(c.OutOrStdout(), "Every promise was kept.")
	return err
}

func (s *simulation) options() sim.Options { return sim.Options{Graph: s.graph, Servers: s.servers} }

// tellFailure writes a fight that failed, and a smaller one that fails too.
func (s *simulation) tellFailure(c *cobra.Command, failure *sim.Failure) error {
	out, f := c.OutOrStdout(), failure.Fight
	fmt.Fprintf(out, "\nSeed %d (%s) broke a promise:\n", f.Seed, f.Mode)
	for _, v := range failure.Violations {
		fmt.Fprintf(out, "  %v\n", v)
	}
	small := sim.Shrink(f, s.variant, shrinkMost)
	fmt.Fprintf(out, "\nMade smaller, %d acts of %d:\n\n", len(small.Acts), len(f.Acts))
	if err := s.show(c, small); err != nil {
		return err
	}
	return fmt.Errorf("seed %d (%s) broke a promise; see it again: herd sim --seed %d --mode %s --trace", f.Seed, f.Mode, f.Seed, f.Mode)
}

// show runs a fight once more and writes its script, with what clients saw.
func (s *simulation) show(c *cobra.Command, f *sim.Fight) error {
	notes := map[int][]string{}
	result := f.Run(sim.Watch{Variant: s.variant, Note: func(acts int, text string) { notes[acts] = append(notes[acts], text) }})
	for _, v := range result.Violations {
		notes[len(f.Acts)] = append(notes[len(f.Acts)], v.String())
	}
	return f.WriteScript(c.OutOrStdout(), notes)
}

// runSeed fights one seed, in one mode or both.
func (s *simulation) runSeed(c *cobra.Command) error {
	for _, mode := range s.modes {
		f, err := sim.NewFight(s.seed, mode, s.options())
		if err != nil {
			return simError(err)
		}
		if err := s.runOne(c, f, fmt.Sprintf("seed %d (%s)", s.seed, mode)); err != nil {
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
	return s.runOne(c, f, s.script)
}

// runOne runs a fight, and writes its script if that is asked for.
func (s *simulation) runOne(c *cobra.Command, f *sim.Fight, name string) error {
	out := c.OutOrStdout()
	if s.trace {
		if err := s.show(c, f); err != nil {
			return err
		}
	}
	result := f.Run(sim.Watch{Variant: s.variant})
	if !s.trace {
		if err := result.Tally.Write(out); err != nil {
			return err
		}
	}
	if !result.Failed() {
		return nil
	}
	return fmt.Errorf("%s broke a promise: %v", name, result.Violations[0])
}
