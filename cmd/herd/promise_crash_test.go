package main

import (
	"bufio"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"proxyherd/herd"
)

// lastMoments is how old an acknowledgement may be, when its server is killed,
// that was lost with it.
const lastMoments = 2 * time.Second

// Servers are killed again and again while clients report to all of them, and
// herd up brings them back. In the end all hold the same, and nothing that was
// acknowledged and newest is lost but what the killed server alone had.
func TestServersKilledUnderLoadComeBackToWhatTheOthersHold(t *testing.T) {
	t.Parallel() // it waits more than it works
	inDesigns(t, forms([]string{"reactor", "both"}, []string{"reactor", "goroutine", "both"}), killUnderLoad)
}

func killUnderLoad(t *testing.T, build func(*herd.Config)) {
	kills := forms(5, 50)
	dir, config := inDir(t, func(c *herd.Config) {
		c.Upstream.URL = emptyUpstream(t)
		build(c)
	})
	p, pids := up(t, dir)
	untilInSync(t, config)
	var list []*reporter
	for _, s := range config.Servers {
		r := reporters(t, config, s.Name, 1, 200)[0]
		r.every = forms(20*time.Millisecond, 0)
		list = append(list, r)
	}
	l := inParallel(t, list, (*reporter).keepTalking)
	seed := uint64(time.Now().UnixNano())
	t.Logf("the seed is %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	killed := make(map[string][]time.Time)
	for range kills {
		name := config.Servers[random.IntN(len(config.Servers))].Name
		before, most := answered(list), 200+random.IntN(2000)
		until(t, "clients have reported for a while", func() bool {
			return answered(list)-before >= most
		})
		if err := syscall.Kill(pids[name], syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		killed[name] = append(killed[name], time.Now())
		news := p.await(t, name+" is back")
		pid, err := strconv.Atoi(readyPart(news, "pid"))
		if err != nil || pid == pids[name] {
			t.Fatalf("the new process is in %q", news)
		}
		pids[name] = pid
		// Only then does nobody alone hold what is older than a moment.
		untilInSync(t, config)
	}
	l.end()
	records := untilAgreed(t, config)
	isWell(t, dir)
	lost := checkLosses(t, config, list, killed, records)
	t.Logf("%d kills, %d reports acknowledged, %d records; %d of them were lost with the server that alone had them",
		kills, answered(list), records, lost)
	p.signal(t, syscall.SIGTERM)
	p.ends(t, 0)
	allGone(t, pids)
}

// checkLosses checks that what was lost is lost everywhere, was acknowledged in its
// server's last moments, and had reached no other. It returns how much that is.
func checkLosses(t *testing.T, config herd.Config, list []*reporter, killed map[string][]time.Time, records int) int {
	t.Helper()
	var names []string
	for _, s := range config.Servers {
		names = append(names, s.Name)
	}
	lost, checked := losses(t, config, list, names...)
	if most := records * len(names); checked > most || checked < most/2 {
		t.Errorf("%d acknowledged reports were looked for among %d records", checked, most)
	}
	for _, one := range lost {
		t.Logf("lost: %v", one)
		if !inLastMoments(one, killed[one.acker]) {
			t.Errorf("%v: that server was not killed soon after", one)
		}
		for _, name := range names {
			if name != one.acker && hasLogged(t, config, name, one.report) {
				t.Errorf("%v; %s had received it", one, name)
			}
		}
	}
	// The logs tell what was received: a report that nobody has lost is in them.
	if meeks, hill := reporterOf(list, "Meeks"), "Hill"; !hasLogged(t, config, hill, meeks.lastReport()) {
		t.Errorf("%s has not logged %q", hill, meeks.lastReport())
	}
	return len(lost) / len(names)
}

func reporterOf(list []*reporter, server string) *reporter {
	for _, r := range list {
		if r.server == server {
			return r
		}
	}
	panic("nobody reports to " + server)
}

// lastReport is the last report that was acknowledged.
func (r *reporter) lastReport() string {
	last := 0
	for _, newest := range r.newest {
		last = max(last, newest.time)
	}
	return r.report(last - firstTime)
}

// inLastMoments reports whether the server that acknowledged a report was killed
// soon after. A client may read the answer when its server is gone already.
func inLastMoments(l loss, killed []time.Time) bool {
	for _, at := range killed {
		if d := at.Sub(l.acked); d < lastMoments && d > -lastMoments {
			return true
		}
	}
	return false
}

// hasLogged reports whether a server has logged a line with that report in it.
func hasLogged(t *testing.T, config herd.Config, server, report string) bool {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(config.Log.Dir, server+".log*"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s has no log: %v", server, err)
	}
	for _, path := range paths {
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		in := bufio.NewScanner(file)
		for !found && in.Scan() {
			found = strings.Contains(in.Text(), " "+report+"\"")
		}
		_ = file.Close() // it was only read
		if err := in.Err(); err != nil {
			t.Fatal(err)
		}
		if found {
			return true
		}
	}
	return false
}
