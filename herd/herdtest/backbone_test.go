package herdtest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
)

// joined runs play with the built-in servers, of each design, on a bus in memory.
func joined(t *testing.T, change func(*herd.Config), play func(t *testing.T, h Twin)) {
	t.Helper()
	OnBoth(t, Setup{Change: func(c *herd.Config) {
		c.Backbone.Kind, c.Backbone.URL = herd.BackboneNATS, "nats://127.0.0.1:4222"
		for i := range c.Servers {
			c.Servers[i].TalksTo = nil
		}
		if change != nil {
			change(c)
		}
	}}, play)
}

// bus is what a server says about its backbone.
func bus(h Twin, server string) herd.BackboneStatus { return *h.Measures(server).Status.Backbone }

// mends waits until all servers hold the same.
func mends(t *testing.T, h Twin, records int) {
	t.Helper()
	same := func() bool {
		for _, name := range h.Running() {
			st := h.Measures(name).Status
			if st.Records != records || st.Root != h.Measures(h.Running()[0]).Status.Root {
				return false
			}
		}
		return true
	}
	if !h.Wait(same) {
		for _, name := range h.Running() {
			t.Errorf("%s has %d records, of %d", name, h.Measures(name).Status.Records, records)
		}
		t.FailNow()
	}
	inAgreement(t, h)
}

func TestOnABackboneEveryServerHasEveryRecord(t *testing.T) {
	joined(t, nil, func(t *testing.T, h Twin) {
		for i, name := range h.Running() {
			for k := range 10 {
				say(t, h, name, report(h, fmt.Sprintf("c%d-%d", i, k)))
			}
		}
		settle(h)
		mends(t, h, 50)
		for _, name := range h.Running() {
			st := bus(h, name)
			if !st.Connected || len(st.Peers) != 4 || st.Taken != 40 || st.Mended+st.Fetched+st.Missed+st.Refused+st.Unsent != 0 {
				t.Errorf("%s: %+v", name, st)
			}
		}
		newer := say(t, h, "Hill", report(h, "c0-0"))
		settle(h)
		if got := say(t, h, "Young", "WHATSAT c0-0 10 1"); got[0] != newer[0] {
			t.Errorf("Young answers %q, and Hill has taken %q", got[0], newer[0])
		}
	})
}

// Whatever the bus loses, doubles or holds back is there in the end.
func TestWhatTheBusLosesIsMended(t *testing.T) {
	joined(t, nil, func(t *testing.T, h Twin) {
		// By chance: what is lost in turn may be the same message each time.
		random, lost := rand.New(rand.NewPCG(1, 2)), 0
		h.Bus().Later = func(_ string, _ time.Duration, f func()) { f() }
		h.Bus().Pass = func(from, to string) []time.Duration {
			switch random.IntN(10) {
			case 0:
				lost++
				return nil
			case 1:
				return []time.Duration{0, 0}
			}
			return []time.Duration{0}
		}
		for i := range 40 {
			name := h.Running()[i%5]
			say(t, h, name, report(h, fmt.Sprint("c", i%13)))
		}
		mends(t, h, 13)
		if lost < 5 {
			t.Errorf("only %d messages were lost", lost)
		}
	})
}

func TestAServerThatIsCutOffServesAndCatchesUp(t *testing.T) {
	joined(t, nil, func(t *testing.T, h Twin) {
		h.Bus().Cut("Hill", true)
		say(t, h, "Hill", report(h, "there"), report(h, "both"))
		h.Advance(time.Second)
		latest := say(t, h, "Meeks", report(h, "here"), report(h, "both"))[1]
		h.Advance(10 * time.Second)
		if st := bus(h, "Hill"); st.Connected || st.Error == "" || len(st.Peers) != 0 {
			t.Errorf("Hill is cut off, and says %+v", st)
		}
		if st := bus(h, "Young"); len(st.Peers) != 3 {
			t.Errorf("Young still knows %+v", st.Peers)
		}
		h.Bus().Cut("Hill", false)
		mends(t, h, 3)
		for _, name := range h.Running() {
			if got := say(t, h, name, "WHATSAT both 10 1"); got[0] != latest {
				t.Errorf("%s answers %q, want %q", name, got[0], latest)
			}
		}
		h.Advance(3 * herd.BeatEvery)
		if st := bus(h, "Hill"); st.Opened != 2 || st.Mended == 0 || st.Fetched == 0 || st.Shards[0].Sync != herd.InSync {
			t.Errorf("Hill has caught up, and says %+v", st)
		}
	})
}

func TestAServerThatIsKilledComesBackToEverything(t *testing.T) {
	joined(t, nil, func(t *testing.T, h Twin) {
		for i := range 100 {
			say(t, h, "Farmar", report(h, fmt.Sprint("c", i)))
		}
		settle(h)
		h.Kill("Hill")
		say(t, h, "Gasol", report(h, "since"))
		h.Start("Hill")
		mends(t, h, 101)
		// One that stops says so.
		h.Stop("Young")
		settle(h)
		if st := bus(h, "Hill"); len(st.Peers) != 3 {
			t.Errorf("Hill still knows %+v", st.Peers)
		}
	})
}

// shards divides clients among the servers, so that each holds two of four.
func shards(c *herd.Config) {
	c.Backbone.Shards = 4
	for i := range c.Servers {
		c.Servers[i].Shards = []int{i % 4, (i + 1) % 4}
	}
}

func TestEveryServerAnswersForAllShards(t *testing.T) {
	joined(t, shards, func(t *testing.T, h Twin) {
		latest := map[string]string{}
		const clients = 24
		for i := range 5 * clients {
			id := fmt.Sprint("c", i%clients)
			line := report(h, id)
			got := say(t, h, h.Running()[i%5], line)
			if len(got) != 1 || !strings.HasSuffix(got[0], line[len("IAMAT"):]) {
				t.Fatalf("%q is answered %q", line, got)
			}
			latest[id] = got[0]
			h.Advance(time.Millisecond) // what comes later is newer
		}
		settle(h)
		everywhere := func() {
			t.Helper()
			for _, name := range h.Running() {
				for i := range clients {
					id := fmt.Sprint("c", i)
					if got := say(t, h, name, "WHATSAT "+id+" 10 1"); len(got) != 2 || got[0] != latest[id] || got[1][0] != '{' {
						t.Errorf("%s answers %.200q, want %q", name, got, latest[id])
					}
				}
			}
		}
		everywhere()
		held := 0
		for _, name := range h.Running() {
			st := h.Measures(name).Status
			held += st.Records
			if st.Backbone.Asked == 0 || st.Backbone.Owned == 0 || st.Backbone.Unanswered != 0 {
				t.Errorf("%s: %+v", name, st.Backbone)
			}
		}
		if held >= 4*clients {
			t.Errorf("the five servers hold %d records of %d clients", held, clients)
		}
		h.Kill("Meeks") // others hold what it held
		everywhere()
		for _, command := range []string{"WHATSAT nobody 10 1", "WHATSAT c1 10", "IAMAT c1 nowhere 1"} {
			for _, name := range h.Running() {
				if got := say(t, h, name, command); len(got) != 1 || got[0] != "? "+command {
					t.Errorf("%s answers %q to %q", name, got, command)
				}
			}
		}
	})
}

// Commands are answered in their order, whoever carries them out, and a report is there
// for the question after it.
func TestTheOrderStaysWhenOthersAreAsked(t *testing.T) {
	joined(t, shards, func(t *testing.T, h Twin) {
		var commands []string
		for i := range 16 {
			id := fmt.Sprint("c", i)
			commands = append(commands, report(h, id), "WHATSAT "+id+" 10 1", "WHERE")
		}
		got := say(t, h, "Hill", commands...)
		if len(got) != 4*16 {
			t.Fatalf("%d lines: %q", len(got), got)
		}
		for i := range 16 {
			four := got[4*i : 4*i+4]
			if !strings.Contains(four[0], fmt.Sprintf(" c%d ", i)) || four[1] != four[0] || four[2][0] != '{' || four[3] != "? WHERE" {
				t.Errorf("client %d: %q", i, four)
			}
		}
	})
}

func TestWhereNobodyHoldsAShardItsCommandsAreRefused(t *testing.T) {
	change := func(c *herd.Config) {
		c.Backbone.Shards = 2
		for i := range c.Servers {
			c.Servers[i].Shards = []int{0}
		}
		c.Servers[2].Shards = []int{1} // Hill
	}
	joined(t, change, func(t *testing.T, h Twin) {
		answered := func() (refused int) {
			for i := range 20 {
				if line := report(h, fmt.Sprint("c", i)); say(t, h, "Meeks", line)[0] == "? "+line {
					refused++
				}
			}
			return refused
		}
		if n := answered(); n != 0 {
			t.Errorf("%d reports are refused, and every shard is held", n)
		}
		other := 20 - h.Measures("Meeks").Status.Records
		if other == 0 || other == 20 {
			t.Fatalf("%d of 20 clients are in the other shard", other)
		}
		// Hill hears nothing any more, and nobody has noticed.
		h.Bus().Pass = func(_, to string) []time.Duration {
			if to == "Hill" {
				return nil
			}
			return []time.Duration{0}
		}
		h.Bus().Later = func(_ string, _ time.Duration, f func()) { f() }
		if n := answered(); n != other {
			t.Errorf("%d reports are refused, and %d could not be kept", n, other)
		}
		if st := bus(h, "Meeks"); st.Unanswered != int64(other) {
			t.Errorf("Meeks says %+v", st)
		}
		h.Bus().Pass = nil
		if !h.Wait(h.Linked) || answered() != 0 {
			t.Error("Hill hears again, and reports are refused")
		}
	})
}

// A server keeps no record of a shard that it does not hold, wherever it comes from.
func TestAJournalBringsNoRecordsOfOtherShards(t *testing.T) {
	joined(t, shards, func(t *testing.T, h Twin) {
		var journal Journal
		for i := range 32 {
			journal.Put([]byte(fmt.Sprintf("AT Hill +0.000000001 c%d +1+1 1000000000\n", i)))
		}
		journal.Save()
		h.Kill("Hill")
		h.JournalOf("Hill", &tolerant{&journal})
		h.Start("Hill")
		if n := h.Measures("Hill").Status.Records; n == 0 || n == 32 {
			t.Errorf("Hill has %d of 32 records", n)
		}
	})
}

// tolerant is a Journal that leaves out what the server does not take, as a real one
// does.
type tolerant struct{ *Journal }

func (j *tolerant) Load(take func(line []byte) error) error {
	for _, line := range j.Lines() {
		_ = take([]byte(line[:len(line)-1])) // it is counted, and left out
	}
	return nil
}

// A report is answered once the journal of the server that holds its client has it, as
// one of that server's own clients is; where that fails, others are asked, and at last it
// is refused.
func TestAHolderAnswersOnceItsJournalHasTheRecord(t *testing.T) {
	change := func(c *herd.Config) {
		c.Servers = c.Servers[:2] // Farmar and Gasol
		c.Backbone.Shards, c.Backbone.Timeout = 2, herd.Duration(20*time.Second)
		c.Servers[0].Shards, c.Servers[1].Shards = []int{0}, []int{1}
	}
	joined(t, change, func(t *testing.T, h Twin) {
		var journal Journal
		h.Kill("Gasol")
		h.JournalOf("Gasol", &journal)
		h.Start("Gasol")
		if !h.Wait(h.Linked) {
			t.Fatal("the two do not know each other")
		}
		waits := func() (c Client, line string) {
			t.Helper()
			for i := 0; ; i++ { // until the client is one of Gasol's
				before := len(journal.Lines())
				line = report(h, fmt.Sprintf("c%d-%d", before, i))
				c = h.Connect("Farmar")
				c.Send([]byte(line + "\n"))
				settle(h)
				if len(journal.Lines()) > before {
					return c, line
				}
			}
		}
		c, line := waits()
		if got := lines(c); got != nil {
			t.Errorf("%q is answered %q before it is saved", line, got)
		}
		journal.Save()
		settle(h)
		if got := lines(c); len(got) != 1 || !strings.HasPrefix(got[0], "AT Farmar ") {
			t.Errorf("%q is saved, and answered %q", line, got)
		}
		c, line = waits()
		journal.Fail()
		h.Advance(20 * time.Second)
		if got := lines(c); len(got) != 1 || got[0] != "? "+line {
			t.Errorf("%q was not saved, and is answered %q", line, got)
		}
	})
}
