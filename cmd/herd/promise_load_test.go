package main

import (
	"testing"
	"time"

	"proxyherd/herd"
)

// Updates come to all five servers at a steady pace: the herd says that it is in
// sync all the while, nothing is sent twice, and each update takes the six
// messages that it must.
func TestALoadThatLastsLeavesTheHerdInSync(t *testing.T) {
	t.Parallel() // it waits more than it works
	inDesigns(t, forms([]string{"reactor", "both"}, []string{"reactor", "goroutine", "both"}), loadThatLasts)
}

func loadThatLasts(t *testing.T, build func(*herd.Config)) {
	// Ticks at which each server is sent one batch.
	const every = 20 * time.Millisecond
	perSecond, seconds := forms(2000, 5000), forms(8, 40)
	h := theHerd(t, build)
	batch := perSecond / len(h.config.Servers) / int(time.Second/every)
	batches := seconds * int(time.Second/every)
	opened, began := linksOpened(t, h.config, ""), time.Now()
	var list []*reporter
	for _, s := range h.config.Servers {
		r := reporters(t, h.config, s.Name, 1, 2000)[0]
		r.batch, r.every, r.most, r.stale = batch, every, batch*batches, 100
		list = append(list, r)
	}
	l := inParallel(t, list, (*reporter).talk)
	polls, done := 0, l.done()
	for each := time.NewTicker(time.Second); done != nil; polls++ {
		checkInSync(t, h.config)
		select {
		case <-each.C:
		case <-done:
			done = nil
			each.Stop()
		}
	}
	took := time.Since(began)
	if records, want := untilAgreed(t, h.config), len(list)*min(batch*batches, list[0].clients); records != want {
		t.Errorf("there are %d records, want %d", records, want)
	}
	checkMessages(t, h.config, list, batch*batches)
	checkLinks(t, h.config, opened, began)
	if polls < 2 {
		t.Errorf("the servers were asked only %d times in %v", polls, took)
	}
	t.Logf("%d updates, %.0f a second, were looked at %d times", len(list)*batch*batches,
		float64(len(list)*batch*batches)/took.Seconds(), polls)
	isWell(t, h.dir)
	h.stop(t)
}

// checkInSync checks what all servers say of their links at this moment.
func checkInSync(t *testing.T, config herd.Config) {
	t.Helper()
	looked := 0
	for _, s := range config.Servers {
		for _, l := range mustStatus(t, config, s.Name).Links {
			if looked++; !l.Up || l.Sync != herd.InSync || l.Differ != 0 {
				t.Errorf("%s about %s: %+v", s.Name, l.Peer, l)
			}
		}
	}
	if looked != 10 {
		t.Errorf("%d ends of links were looked at, want 10", looked)
	}
}

// checkMessages checks that the servers have counted all reports, each of them
// sent by its reporter, and six AT lines for each that was not stale.
func checkMessages(t *testing.T, config herd.Config, list []*reporter, each int) {
	t.Helper()
	var sum herd.Counters
	for _, s := range config.Servers {
		c := mustStatus(t, config, s.Name).Counters
		sum.IAMAT += c.IAMAT
		sum.Stale += c.Stale
		sum.PeerTaken += c.PeerTaken
		sum.PeerStale += c.PeerStale
		sum.PeerDropped += c.PeerDropped + c.PeerFull
	}
	stale := 0
	for i := 1; i <= each; i++ {
		if list[0].isStale(i) {
			stale += len(list)
		}
	}
	if sent := len(list) * each; sum.IAMAT != uint64(sent) || sum.Stale != uint64(stale) {
		t.Errorf("the servers took %d reports, %d of them stale; there were %d, and %d", sum.IAMAT, sum.Stale, sent, stale)
	}
	if stale == 0 {
		t.Error("no report was stale")
	}
	fresh := sum.IAMAT - sum.Stale
	if n := sum.PeerTaken + sum.PeerStale; n != 6*fresh || sum.PeerTaken != 4*fresh || sum.PeerDropped != 0 {
		t.Errorf("%d updates took %d messages, of which %d were new and %d useless; want six each, four of them new",
			fresh, n, sum.PeerTaken, sum.PeerDropped)
	}
}

// checkLinks checks that no link was lost, that none had records to exchange, and
// that each was compared again if there was time for that.
func checkLinks(t *testing.T, config herd.Config, opened map[string]int64, began time.Time) {
	t.Helper()
	checkOpened(t, config, opened, "")
	compared := time.Since(began) > herd.CompareEvery+5*time.Second
	for _, s := range config.Servers {
		for _, l := range mustStatus(t, config, s.Name).Links {
			if !l.Resync.At.IsZero() || compared && l.Checked.Before(began) {
				t.Errorf("%s about %s: %+v", s.Name, l.Peer, l)
			}
		}
	}
}
