package neighbours

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
)

func TestAStarIsAHerd(t *testing.T) {
	for _, degree := range []int{0, 1, 32} {
		servers := Star(degree)
		for i := range servers {
			servers[i].Clients, servers[i].Peers = fmt.Sprintf("127.0.0.1:%d", 1000+i), fmt.Sprintf("127.0.0.1:%d", 2000+i)
		}
		topology, err := herd.NewTopology(servers)
		if err != nil || topology.Links() != degree || len(topology.Neighbours(Hub)) != degree {
			t.Errorf("%d neighbours: %v, %v", degree, topology, err)
		}
	}
}

// Each update is one that servers take, and newer than the one before.
func TestUpdatesAreTaken(t *testing.T) {
	s := newLines()
	var last herd.Record
	ids := map[string]bool{}
	for i := range 1000 {
		line := s.next(nil, false)
		var next herd.Record
		if err := herd.ParseAT(line[:len(line)-1], &next); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if i > 0 && herd.Compare(&next, &last, 5*time.Minute) <= 0 {
			t.Fatalf("%q is no newer than the one before it", line)
		}
		last = next
		ids[string(next.ID)] = true
	}
	if len(ids) < 900 {
		t.Errorf("1000 updates are about %d clients", len(ids))
	}
	var command herd.Command
	if line := s.next(nil, true); !herd.ParseCommand(line[:len(line)-1], &command) || command.Verb != herd.IAMAT {
		t.Errorf("%q is no report", line)
	}
}

// However a text is cut, its lines are counted once.
func TestLinesAreCountedWhereverTheyAreCut(t *testing.T) {
	text := strings.Repeat("AT N001 +0.000100000 c1 +1+1 1.5\nSUMS 1 0 0 1 AAAAAAAAAAA\nBEAT 1 2 3 - -\n", 20)
	for size := 1; size < 120; size++ {
		l := &link{crowd: newCrowd()}
		buffer := make([]byte, 4096)
		begin := 0
		for rest := text; rest != ""; {
			n := copy(buffer[begin:], rest[:min(size, len(rest))])
			rest = rest[n:]
			l.count(buffer[:begin+n])
			begin = copy(buffer, l.rest)
		}
		if l.updates.Load() != 20 || l.answers.Load() != 20 || len(l.rest) != 0 {
			t.Fatalf("in pieces of %d: %d updates, %d answers, %q is left", size, l.updates.Load(), l.answers.Load(), l.rest)
		}
	}
}
