package main

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/sink/sinktest"
)

// The database of all five servers stands still, and later is killed, while clients
// report. Nobody waits for it, and when it is back it has the newest record of each
// client, and of nobody else.
func TestASinkIsWholeAfterItsDatabaseWasAway(t *testing.T) {
	t.Parallel() // it waits more than it works
	for _, kind := range herd.SinkKinds {
		t.Run(kind, func(t *testing.T) { databaseAway(t, kind, forms(3*time.Second, 30*time.Second)) })
	}
}

func databaseAway(t *testing.T, kind string, away time.Duration) {
	db := sinktest.Start(t, kind)
	h := theHerd(t, func(c *herd.Config) {
		// Five times the work for the database; it should leave the herd some of the machine.
		c.Sink.Kind, c.Sink.URL, c.Sink.Interval = kind, db.URL, herd.Duration(time.Second)
		for i := range c.Servers {
			c.Servers[i].Design = herd.Designs[i%len(herd.Designs)]
		}
	})
	var list []*reporter
	for _, s := range h.config.Servers {
		one := reporters(t, h.config, s.Name, 1, 200)[0]
		one.every = 10 * time.Millisecond
		list = append(list, one)
	}
	l := inParallel(t, list, (*reporter).talk)
	until(t, "all write to the database", func() bool { return every(t, h.config, func(k *herd.SinkStatus) bool { return k.Batches > 3 }) })
	for _, outage := range []struct{ begin, end func() }{{db.Stop, db.Continue}, {db.Kill, db.Run}} {
		outage.begin()
		before := answered(list)
		time.Sleep(away) // the outage itself: nothing is concluded from how long it takes
		during := answered(list) - before
		outage.end()
		t.Logf("%d reports were acknowledged in an outage of %v", during, away)
		if during == 0 {
			t.Error("the herd has waited for the database")
		}
		until(t, "all write again", func() bool {
			return every(t, h.config, func(k *herd.SinkStatus) bool { return k.Error == "" && k.Last.After(time.Now().Add(-5*time.Second)) })
		})
	}
	l.end()
	records := untilAgreed(t, h.config)
	until(t, "nothing waits for the database", func() bool {
		return every(t, h.config, func(k *herd.SinkStatus) bool { return k.Error == "" && k.Pending == 0 && !k.Whole })
	})
	if want := len(list) * list[0].clients; records != want {
		t.Errorf("the herd has %d records, want %d", records, want)
	}
	if got, want := inDatabase(t, h.config), inHerd(t, h.config, list); !slices.Equal(got, want) {
		t.Errorf("the database has %d records, the herd %d, or they are others", len(got), len(want))
	}
	failures, wholes := int64(0), int64(0)
	for _, s := range h.config.Servers {
		k := mustStatus(t, h.config, s.Name).Sink
		failures, wholes = failures+k.Failures, wholes+k.Wholes
		t.Logf("%s: %+v", s.Name, *k)
	}
	// Each has written the whole store at its start, and when the database had a new life.
	if failures == 0 || wholes <= int64(len(h.config.Servers)) {
		t.Errorf("the servers have noticed %d failures, and written the whole store %d times", failures, wholes)
	}
	isWell(t, h.dir)
	h.stop(t)
}

// every reports whether it is so of the sinks of all servers.
func every(t *testing.T, config herd.Config, isSo func(*herd.SinkStatus) bool) bool {
	t.Helper()
	return !slices.ContainsFunc(config.Servers, func(s herd.Server) bool {
		st := mustStatus(t, config, s.Name)
		return st.Sink == nil || !isSo(st.Sink)
	})
}

// inDatabase is all AT lines that the database has, sorted.
func inDatabase(t *testing.T, config herd.Config) (list []string) {
	t.Helper()
	db, err := databaseOf(config)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for from, more := "", true; more; more = from != "" {
		var lines []byte
		if lines, from, err = db.Page(t.Context(), from); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(lines)) {
			list = append(list, strings.TrimSuffix(line, "\n"))
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// inHerd is the AT line of each reporter's clients, as a server answers, sorted.
func inHerd(t *testing.T, config herd.Config, list []*reporter) (lines []string) {
	t.Helper()
	for _, r := range list {
		for i := range r.clients {
			got := exchange(t, config, config.Servers[0].Name, fmt.Sprintf("WHATSAT %s 1 1\n", r.id(i)))
			if len(got) != 2 {
				t.Fatalf("of %s the herd says %q", r.id(i), got)
			}
			lines = append(lines, got[0])
		}
	}
	slices.Sort(lines)
	return lines
}

// A server that starts with nothing, alone, finds a client in the database when it is
// asked for it, and some time later has them all.
func TestAServerThatStartsWithNothingFindsItsClientsInTheSink(t *testing.T) {
	t.Parallel() // it waits more than it works
	for i, kind := range herd.SinkKinds {
		t.Run(kind, func(t *testing.T) {
			db := sinktest.Start(t, kind)
			dir, config := inDir(t, func(c *herd.Config) {
				c.Upstream.URL = emptyUpstream(t)
				c.Servers, c.Servers[0].TalksTo = c.Servers[:1], nil
				c.Servers[0].Design = herd.Designs[i%len(herd.Designs)]
				c.Sink.Kind, c.Sink.URL, c.Sink.Load, c.Sink.Fallback = kind, db.URL, true, true
			})
			name := config.Servers[0].Name
			p := serve(t, dir, name)
			var lines []string
			for n := range 20 {
				lines = append(lines, report(t, config, name, fmt.Sprint("client", n)))
			}
			p.signal(t, syscall.SIGTERM)
			p.ends(t, 0)
			p = serve(t, dir, name)
			if got := exchange(t, config, name, "WHATSAT client7 1 1\nWHATSAT nobody 1 1\n"); len(got) != 3 || got[0] != lines[7] || got[2] != "? WHATSAT nobody 1 1" {
				t.Errorf("it answers %q, want %q", got, lines[7])
			}
			if st := mustStatus(t, config, name); st.Sink.Loaded == 0 && (st.Sink.Asked != 2 || st.Sink.Found != 1) {
				t.Errorf("it has asked: %+v", st.Sink)
			}
			until(t, "all are loaded", func() bool { return mustStatus(t, config, name).Records == len(lines) })
			p.signal(t, syscall.SIGTERM)
			p.ends(t, 0)
		})
	}
}
