package scenario

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"

	"proxyherd/bench/load"
	"proxyherd/bench/peers"
)

// A server that cannot be started fails the measurement, which is there after its last
// slice, and is tried once.
func TestASliceOfAServerThatIsNotThere(t *testing.T) {
	dir := t.TempDir()
	r := &run{
		playing:  &playing{Runner: &Runner{Dir: dir}},
		scenario: Scenario{Kind: Loop, slices: 3},
		peer:     &peers.Peer{Name: "nobody", Title: "Nobody", Start: []string{"{bin}/nobody"}},
	}
	for round := range 2 {
		for number := range 3 {
			m := r.measure(t.Context(), Point{}, number)
			if last := number == 2; last != (m != nil) {
				t.Fatalf("round %d, slice %d: %v", round, number, m)
			}
			if m != nil && !strings.Contains(m.Failed, "nobody") {
				t.Errorf("it failed: %q", m.Failed)
			}
		}
		if r.sliced.err != nil || r.sliced.session != nil {
			t.Errorf("what is left of round %d: %+v", round, r.sliced)
		}
		// Each try makes a folder, and the round's end removes the last one.
		if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
			t.Errorf("round %d leaves %v, %v: it was tried more than once", round, left, err)
		}
	}
}

// A measurement that is under way ends with its run: its connections are closed.
func TestASliceIsGivenUp(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	r := &run{}
	if r.sliced.session, err = load.Open(t.Context(), load.Options{Addresses: []string{listener.Addr().String()}, Connections: 1}); err != nil {
		t.Fatal(err)
	}
	conn, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	r.stop()
	if n, err := conn.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("%d bytes, %v, want the end", n, err)
	}
	if r.sliced != (sliced{}) {
		t.Errorf("what is left: %+v", r.sliced)
	}
}
