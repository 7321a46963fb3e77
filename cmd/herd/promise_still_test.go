package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"proxyherd/herd"
)

// growthMost is how much a server may grow, in bytes, while a neighbour stands
// still. What is kept for that neighbour is below 1 MiB by these tests' settings;
// the log's queue may take 16 MiB, and the garbage between two collections, with
// the race detector's shadow of it, has the rest. Without the bounds a minute of
// load would be hundreds of MiB for each link.
const growthMost = 64 << 20

// Young is stopped, as by a debugger, while clients report to all others: in the
// long form as fast as they are answered.
func TestANeighbourThatStandsStillHoldsUpNobody(t *testing.T) {
	t.Parallel() // it waits more than it works
	inDesigns(t, forms([]string{"reactor"}, []string{"reactor", "goroutine"}), neighbourThatStandsStill)
}

func neighbourThatStandsStill(t *testing.T, build func(*herd.Config)) {
	const stopped = "Young"
	still := forms(12*time.Second, time.Minute)
	h := theHerd(t, func(c *herd.Config) {
		// So little that all is used: the output, the set of changed clients, and
		// "everything must be sent again".
		c.Limits.PeerOutput, c.Limits.PeerChanged = 65_536, 500
		build(c)
	})
	var list []*reporter
	var others []string
	for _, s := range h.config.Servers {
		if s.Name != stopped {
			others = append(others, s.Name)
			list = append(list, reporters(t, h.config, s.Name, 2, 300)...)
		}
	}
	for _, r := range list {
		// Long names soon are more than what the system itself holds for a process
		// that does not read, which is some megabytes.
		r.prefix += strings.Repeat("x", 1000)
		r.batch, r.every = forms(4, 8), forms(20*time.Millisecond, 0)
	}
	l := inParallel(t, list, (*reporter).talk)
	until(t, "every client is known everywhere", func() bool {
		st, err := statusOf(h.config, stopped)
		return err == nil && st.Records == len(list)*list[0].clients
	})
	w := newWatcher(t, h, stopped, others)
	before := answered(list)
	h.running[stopped].signal(t, syscall.SIGSTOP)
	for began := time.Now(); time.Since(began) < still; {
		w.look(t)
	}
	meanwhile := answered(list) - before
	h.running[stopped].signal(t, syscall.SIGCONT)
	goesOn := time.Now()
	untilLinked(t, h.config)
	l.end()
	untilInSync(t, h.config)
	records := untilAgreed(t, h.config)
	caughtUp := time.Since(goesOn)
	isWell(t, h.dir)
	checkHeld(t, h.config, list, stopped)
	w.judge(t)
	t.Logf("%v of standing still: %d reports were answered; %s", still, meanwhile, w)
	t.Logf("the %d records were in sync again after %v", records, caughtUp)
	h.stop(t)
}

// watcher looks at the servers that go on.
type watcher struct {
	h       *herdUnderTest
	stopped string
	others  []string

	opened map[string]int64  // of the links between them
	size   map[string]int64  // resident bytes, when all was well
	taken  map[string]uint64 // records of neighbours

	looks   int
	longest time.Duration // until everybody's counters had moved
	growth  int64         // bytes, of the server that grew most
	waiting int64         // bytes, the most for the stopped one
	changed int           // clients, the most noted for it
	dumped  bool          // that was too many
}

func newWatcher(t *testing.T, h *herdUnderTest, stopped string, others []string) *watcher {
	t.Helper()
	w := &watcher{
		h: h, stopped: stopped, others: others,
		size: make(map[string]int64), taken: make(map[string]uint64),
	}
	for _, name := range others {
		w.size[name] = residentBytes(t, h.pid(name))
	}
	w.opened = linksOpened(t, h.config, stopped)
	return w
}

// look waits until each server has taken records of its neighbours since the last
// look, and notes what it says of the one that is stopped.
func (w *watcher) look(t *testing.T) {
	t.Helper()
	began := time.Now()
	for _, name := range w.others {
		var st herd.Status
		until(t, name+" takes records", func() bool {
			st = mustStatus(t, w.h.config, name)
			return st.Counters.PeerTaken > w.taken[name]
		})
		w.taken[name] = st.Counters.PeerTaken
		w.growth = max(w.growth, residentBytes(t, w.h.pid(name))-w.size[name])
		for _, l := range st.Links {
			if l.Peer == w.stopped {
				w.waiting, w.changed = max(w.waiting, l.Waiting), max(w.changed, l.Changed)
				w.dumped = w.dumped || l.Dumping
			}
		}
	}
	w.longest = max(w.longest, time.Since(began))
	w.looks++
}

func (w *watcher) String() string {
	return fmt.Sprintf("in %d looks the counters of all moved within %v, memory grew by %.1f MiB, at most %d bytes and %d clients waited for %s (too many: %v)",
		w.looks, w.longest, float64(w.growth)/(1<<20), w.waiting, w.changed, w.stopped, w.dumped)
}

func (w *watcher) judge(t *testing.T) {
	t.Helper()
	limits := w.h.config.Limits
	// Whatever waits, the answers to a comparison may wait too, which are bounded by
	// half of this, a step of a dump, and heartbeats.
	const beyond = 1 << 20
	switch {
	case w.looks < 10:
		t.Errorf("only %d looks", w.looks)
	case w.growth > growthMost:
		t.Errorf("a server grew by %d bytes, want at most %d", w.growth, growthMost)
	case w.waiting > int64(limits.PeerOutput)+beyond || w.changed > limits.PeerChanged:
		t.Errorf("%d bytes and %d clients waited, want at most %d and %d", w.waiting, w.changed, limits.PeerOutput+beyond, limits.PeerChanged)
	}
	if w.changed == 0 && !w.dumped {
		t.Errorf("at most %d bytes waited for %s, which puts no bound to the test", w.waiting, w.stopped)
	}
	checkOpened(t, w.h.config, w.opened, w.stopped)
}

// residentBytes is how much memory a process has.
func residentBytes(t *testing.T, pid int) int64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for in := bufio.NewScanner(bytes.NewReader(text)); in.Scan(); {
		var kib int64
		if rest, found := strings.CutPrefix(in.Text(), "VmRSS:"); found {
			if _, err := fmt.Sscanf(rest, "%d kB", &kib); err != nil {
				t.Fatalf("%q: %v", in.Text(), err)
			}
			return kib << 10
		}
	}
	t.Fatalf("process %d has no VmRSS:\n%s", pid, text)
	return 0
}
