package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/chaos/account"
	"proxyherd/herd/chaos/fault"
	"proxyherd/herd/chaos/load"
	"proxyherd/herd/chaos/stage"
)

// settleBound is how long the servers may take to agree once all is mended, on a
// machine that may be slow.
const settleBound = 3 * time.Minute

// run plays, and reports to w whether all was kept.
func (o *options) run(ctx context.Context, w io.Writer) (ok bool, err error) {
	faults, err := o.faults()
	if err != nil {
		return false, err
	}
	if o.rate < 1 {
		return false, fmt.Errorf("%d reports a second are none", o.rate)
	}
	remove, err := o.prepare(w)
	if err != nil {
		return false, err
	}
	lacks := stage.LacksAll(o.grounded)
	if stage.Enclosed() {
		lacks = stage.Probe(o.dir)
	}
	if o.journal == "none" {
		lacks[stage.AnyJournal] = "needs journals (JOURNAL=second or always)"
	}
	if o.journal != herd.FsyncAlways {
		lacks[stage.Always] = "needs journals that are safe before a server answers (JOURNAL=always)"
	}
	s, err := stage.Open(stage.Settings{Dir: o.dir, Binary: o.binary, Design: o.design, Journal: o.journal, Lacks: lacks})
	if err != nil {
		return false, err
	}
	defer func() {
		err = errors.Join(err, s.Close(!ok))
		remove(ok)
	}()
	plan := fault.Draw(o.seed, o.length, faults, s, lacks)
	fmt.Fprintf(w, "chaos: %v of %d strikes, seed %d, design %s, journal %s, %s\n",
		o.length, len(plan.Strikes), o.seed, o.design, o.journal, where(s))
	if o.plan {
		fmt.Fprint(w, plan)
		return true, nil
	}
	return o.fight(ctx, w, s, plan, faults)
}

func where(s *stage.Stage) string {
	if s.Spaces() {
		return "each server in a network namespace"
	}
	return "all on loopback"
}

// fight carries the plan out under load, and looks what has become of the herd.
func (o *options) fight(ctx context.Context, w io.Writer, s *stage.Stage, plan *fault.Plan, faults []fault.Fault) (ok bool, err error) {
	for _, name := range s.Names() {
		if _, err := s.Start(name, 0); err != nil {
			return false, err
		}
	}
	if _, err := s.Agree(ctx, settleBound); err != nil {
		return false, fmt.Errorf("before anything was done to the herd: %w", err)
	}
	crowd := &load.Crowd{
		Stage: s, Books: account.NewBooks(account.Order{Future: time.Duration(s.Config.Future)}), History: &account.History{},
		Rate: o.rate, ReadEvery: 25 * time.Millisecond, Seed: o.seed,
	}
	began := time.Now()
	working, end := context.WithDeadline(ctx, began.Add(o.length))
	defer end()
	crowd.Start(working)
	tally := plan.Play(ctx, s, func(text string) {
		if o.verbose {
			fmt.Fprintf(w, "%7.1fs %s\n", time.Since(began).Seconds(), text)
		}
	})
	crowd.Wait()
	if ctx.Err() != nil {
		return false, errors.New("it was ended before its time")
	}
	text, missed := plan.Report(faults, tally)
	fmt.Fprintf(w, "\nhow often each fault has struck:\n%s\n", text)
	for _, name := range missed {
		s.Wrong("%s never ran, though it could have", name)
	}
	return o.settle(ctx, w, crowd)
}

// settle waits until the herd has mended itself, and holds it against the books.
func (o *options) settle(ctx context.Context, w io.Writer, crowd *load.Crowd) (ok bool, err error) {
	s := crowd.Stage
	mended := time.Now()
	var all map[string]herd.Status
	var servers []account.Evidence
	for asked := ""; len(all) == 0 || all["Hill"].Root != asked; {
		if all, err = s.Agree(ctx, settleBound); err != nil {
			s.Wrong("%v", err)
			return sumUp(w, s), nil
		}
		fmt.Fprintf(w, "all servers agree %.1fs after the last fault: %d records, digest %s\n",
			time.Since(mended).Seconds(), all["Hill"].Records, all["Hill"].Root)
		asked = all["Hill"].Root
		if servers, err = gather(ctx, crowd); err != nil {
			return false, err
		}
		// What a client sent before its end may have been on its way through a link that
		// was cut, and come only now: then they are asked again.
		if all, err = s.Agree(ctx, settleBound); err != nil {
			s.Wrong("%v", err)
			return sumUp(w, s), nil
		}
	}
	for _, name := range s.Names() {
		if n := all[name].Closed["panic"]; n > 0 {
			s.Wrong("%s has panicked %d times", name, n)
		}
	}
	a := crowd.Books.Settle(servers, o.journal == herd.FsyncAlways)
	report(w, a, servers)
	for _, wrong := range a.Wrong {
		s.Wrong("%s", wrong)
	}
	v := crowd.History.Check(crowd.Books.Order, time.Minute)
	fmt.Fprintf(w, "%d answers to WHATSAT, in %d histories of one process and one client: porcupine refuses %d of them\n",
		crowd.History.Reads(), v.Places, len(v.Wrong))
	for _, wrong := range v.Wrong {
		s.Wrong("%s", wrong)
	}
	return sumUp(w, s), nil
}

// gather asks the servers, and reads their logs.
func gather(ctx context.Context, crowd *load.Crowd) (servers []account.Evidence, err error) {
	s := crowd.Stage
	ids := crowd.Books.IDs()
	for _, name := range s.Names() {
		l := s.Life(name)
		if l == nil {
			return nil, fmt.Errorf("%s is gone", name)
		}
		e := account.Evidence{Life: account.Life{Server: name, Number: l.Number}}
		if e.Held, err = load.Held(ctx, crowd, name, ids); err != nil {
			return nil, err
		}
		paths, err := s.Logs(name)
		if err != nil {
			return nil, err
		}
		if e.Received, err = account.ReadLogs(crowd.Books.Order, l.Start, paths...); err != nil {
			return nil, err
		}
		servers = append(servers, e)
	}
	return servers, nil
}

// report tells the account.
func report(w io.Writer, a *account.Account, servers []account.Evidence) {
	lines, dropped := 0, 0
	for _, e := range servers {
		lines += e.Received.Lines
		if e.Received.Dropped {
			dropped++
		}
	}
	fmt.Fprintf(w, "%d reports acknowledged, of %d clients; the logs tell of %d records received", a.Acknowledged, a.Clients, lines)
	if dropped > 0 {
		fmt.Fprintf(w, " (%d servers' logs have gaps)", dropped)
	}
	var received []string
	for n, count := range a.Receivers {
		if count > 0 {
			received = append(received, fmt.Sprintf("%d by %d servers", count, n))
		}
	}
	fmt.Fprintf(w, "\nof the newest of each client had been received, as their logs tell, %s\n", strings.Join(received, ", "))
	fmt.Fprintf(w, "%d of them by a process that has lived on; %d by none, of which %d are lost\n", a.Holders, a.Without, a.Lost)
}

// sumUp tells what went wrong.
func sumUp(w io.Writer, s *stage.Stage) (ok bool) {
	wrong := s.Wrongs()
	for _, text := range wrong {
		fmt.Fprintf(w, "WRONG: %s\n", text)
	}
	if len(wrong) > 0 {
		return false
	}
	fmt.Fprintln(w, "All was kept.")
	return true
}
