package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"proxyherd/herd"
)

// withJournal has all servers keep journals.
func withJournal(fsync string, build func(*herd.Config)) func(*herd.Config) {
	return func(c *herd.Config) {
		build(c)
		c.Journal = herd.Journal{Dir: "journals", Fsync: fsync}
	}
}

// All five servers are killed at once under load, so that nobody is left to ask.
// When they are back they hold every report that was acknowledged.
func TestAHerdThatIsKilledAtOnceHasAllThatWasAcknowledged(t *testing.T) {
	inDesigns(t, forms([]string{"both"}, []string{"reactor", "goroutine", "both"}), func(t *testing.T, build func(*herd.Config)) {
		for round := range forms(1, 10) {
			lost, _ := killAll(t, withJournal(herd.FsyncAlways, build))
			for _, one := range lost {
				t.Errorf("round %d: lost: %v", round, one)
			}
		}
	})
}

// With "second", what is lost was acknowledged in the last second, or as long before
// the kill as a journal says that a record has waited for its disk.
func TestAHerdThatIsKilledAtOnceHasAllButTheLastSecond(t *testing.T) {
	inDesigns(t, forms([]string{"both"}, []string{"reactor", "goroutine", "both"}), func(t *testing.T, build func(*herd.Config)) {
		for range forms(1, 10) {
			lost, killed := killAll(t, withJournal(herd.FsyncSecond, build))
			oldest := time.Duration(0)
			for _, one := range lost {
				oldest = max(oldest, killed.at.Sub(one.acked))
			}
			t.Logf("%d reports were lost; the oldest was acknowledged %v before the kill, and the longest lag of a journal was %v", len(lost), oldest, killed.lag)
			// Batches are begun twice a second; the one that the kill found may have been
			// slower than any before it.
			if oldest > time.Second+2*killed.lag {
				t.Errorf("a report is lost that was acknowledged %v before the kill", oldest)
			}
		}
	})
}

// kill is when the servers were killed, and how long a record had waited in one of
// their journals at the most.
type kill struct {
	at  time.Time
	lag time.Duration
}

// killAll has clients report to all servers, kills these at once, starts them again,
// and returns which acknowledged and newest reports are lost.
func killAll(t *testing.T, build func(*herd.Config)) (lost []loss, killed kill) {
	t.Helper()
	h := theHerd(t, build)
	var list []*reporter
	var names []string
	for _, s := range h.config.Servers {
		names = append(names, s.Name)
		list = append(list, reporters(t, h.config, s.Name, 2, 200)...)
	}
	// Of clients that go on reporting, the newest report is always a recent one. So some
	// report once, and must be there whatever their journal's fsync is.
	quiet := map[string]string{}
	for _, name := range names {
		for i := range 10 {
			id := fmt.Sprintf("quiet%d.%s", i, name)
			quiet[id] = report(t, h.config, name, id)
		}
	}
	l := inParallel(t, list, (*reporter).talk)
	most := forms(20_000, 200_000)
	until(t, "clients have reported for a while, and journals have saved that", func() bool {
		return answered(list) >= most && !slices.ContainsFunc(names, func(name string) bool {
			journal := mustStatus(t, h.config, name).Journal
			return journal == nil || journal.Batches < 3
		})
	})
	for _, name := range names {
		journal := mustStatus(t, h.config, name).Journal
		if journal == nil || journal.Saved == 0 || journal.Failures != 0 {
			t.Fatalf("the journal of %s: %+v", name, journal)
		}
		killed.lag = max(killed.lag, time.Duration(journal.LongestLag*float64(time.Second)))
	}
	killed.at = time.Now()
	for _, name := range names {
		h.running[name].signal(t, syscall.SIGKILL)
	}
	for _, name := range names {
		h.running[name].ends(t, -1)
	}
	l.end()
	for _, name := range names {
		h.running[name] = start(t, h.dir, "serve", name)
	}
	for _, name := range names {
		h.running[name].await(t, "ready "+name)
	}
	untilInSync(t, h.config)
	records := untilAgreed(t, h.config)
	lost, checked := losses(t, h.config, list, names[0])
	t.Logf("%d reports acknowledged, %d records, %d looked for", answered(list), records, checked)
	if checked < records/2 || checked == 0 {
		t.Errorf("%d acknowledged reports were looked for among %d records", checked, records)
	}
	for id, line := range quiet {
		if got := exchange(t, h.config, names[0], "WHATSAT "+id+" 1 1\n"); len(got) == 0 || got[0] != line {
			t.Errorf("%s reported once, long before the kill: %q, want %q", id, got, line)
		}
	}
	h.stop(t)
	return lost, killed
}

// What was taken until the orderly end is there after it, whatever fsync says.
func TestAServerThatEndsInOrderLosesNothing(t *testing.T) {
	for _, design := range herd.Designs {
		dir, config := inDir(t, withJournal(herd.FsyncSecond, func(c *herd.Config) {
			c.Servers, c.Servers[0].TalksTo = c.Servers[:1], nil
			c.Servers[0].Design = design
		}))
		name := config.Servers[0].Name
		p := serve(t, dir, name)
		line := report(t, config, name, "leaver")
		p.signal(t, syscall.SIGTERM)
		p.ends(t, 0)
		p = serve(t, dir, name)
		if st := mustStatus(t, config, name); st.Records != 1 || st.Journal == nil || st.Journal.Loaded != 1 {
			t.Errorf("%s: %d records, and the journal %+v", design, st.Records, st.Journal)
		}
		if got := exchange(t, config, name, "WHATSAT leaver 1 1\n"); len(got) == 0 || got[0] != line {
			t.Errorf("%s: %q, want %q", design, got, line)
		}
		p.signal(t, syscall.SIGTERM)
		p.ends(t, 0)
	}
}

// Two servers of one name, which have other ports, must not share a journal.
func TestASecondServerOnAJournalIsRefused(t *testing.T) {
	dir, config := inDir(t, withJournal(herd.FsyncSecond, func(c *herd.Config) { c.Servers, c.Servers[0].TalksTo = c.Servers[:1], nil }))
	name := config.Servers[0].Name
	serve(t, dir, name)
	second := start(t, dir, "serve", name, "--set", "servers[0].clients=127.0.0.1:0", "--set", "servers[0].http=127.0.0.1:0", "--set", "log.dir=other")
	second.ends(t, 1)
	said := second.said()
	for _, want := range []string{filepath.Join(dir, "journals", name), "another server has the journal", "stop the server that runs there"} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q: %s", want, said)
		}
	}
	if st := mustStatus(t, config, name); st.Journal.Failures != 0 {
		t.Errorf("the first has failed: %+v", st.Journal)
	}
}
