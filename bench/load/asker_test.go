package load

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestAskersAreSpread(t *testing.T) {
	const askers, took = 20, 300 * time.Millisecond
	for number := range askers {
		if got, want := spread(took, number, askers), time.Duration(number)*15*time.Millisecond; got != want {
			t.Errorf("asker %d waits %v, want %v", number, got, want)
		}
	}
}

// heard is all that a server was asked, in the order in which it came.
type heard struct {
	mu    sync.Mutex
	lines []string
	// answer, if set, is called before a line is answered, one at a time, and says whether it is.
	answer func(line string) bool
}

// listen has a server that answers what askers and the load want, a WHATSAT's two lines in
// two pieces.
func (h *heard) listen(t *testing.T) (address string) {
	inner := &testServer{}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				known := map[string][]byte{}
				for lines := bufio.NewScanner(conn); lines.Scan(); {
					h.mu.Lock()
					answers := h.answer == nil || h.answer(lines.Text())
					h.lines = append(h.lines, lines.Text())
					h.mu.Unlock()
					if !answers {
						return
					}
					at, rest, _ := bytes.Cut(inner.answer(known, lines.Bytes()), []byte("\n"))
					if _, err := conn.Write(append(at, '\n')); err != nil {
						return
					}
					if _, err := conn.Write(rest); err != nil {
						return
					}
				}
			}()
		}
	}()
	return listener.Addr().String()
}

// Askers report once and then ask again and again, each about a place of its own. The load
// begins when each has asked twice; they go on beside it; and they count for nothing.
func TestAskersAskBesideTheLoad(t *testing.T) {
	for _, threads := range []int{1, 2} {
		for _, rate := range []float64{0, 500} {
			h := &heard{}
			const askers = 3
			o := Options{
				Addresses: []string{h.listen(t)}, Connections: 2, Clients: 10, Duration: 300 * time.Millisecond, Rate: rate,
				Askers: askers, Radius: 7, Limit: 3, Preload: true, Threads: threads,
			}
			r, err := Run(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			h.mu.Lock()
			reports, questions, places := map[string]int{}, map[string]int{}, map[string]bool{}
			load := 0 // reports of the load
			before := map[string]bool{}
			for _, line := range h.lines {
				words := strings.Fields(line)
				switch {
				case !strings.HasPrefix(words[1], "asker"):
					load++
				case words[0] == "IAMAT":
					reports[words[1]]++
					places[words[2]] = true
				default:
					questions[words[1]]++
					if line != "WHATSAT "+words[1]+" 7 3" {
						t.Errorf("it asked %q", line)
					}
					if load == 0 {
						before[words[1]] = true
					}
				}
			}
			h.mu.Unlock()
			// The second questions may still be on their way.
			if len(before) != askers {
				t.Errorf("before the load these have asked: %v", before)
			}
			for n := range askers {
				id := fmt.Sprintf("asker%d.load.test", n)
				// It settles with two, and goes on.
				if reports[id] != 1 || questions[id] < 3 || len(places) != askers {
					t.Errorf("%s: %d reports, %d questions, places %v", id, reports[id], questions[id], places)
				}
			}
			if r.Errors.Sum() != 0 || int(r.Answered) != load || r.Replies > uint64(load) {
				t.Errorf("%+v of %d", r, load)
			}
		}
	}
}

// An asker that the server cuts off, at whichever answer, does not ask on, and nobody misses
// it.
func TestAnAskerIsCutOff(t *testing.T) {
	for answers := range 4 {
		h, asked := &heard{}, 0
		h.answer = func(line string) bool {
			if !strings.Contains(line, "asker") {
				return true
			}
			asked++
			return asked <= answers
		}
		o := Options{Addresses: []string{h.listen(t)}, Connections: 1, Clients: 1, Duration: 200 * time.Millisecond, Askers: 1}
		if r, err := Run(t.Context(), o); err != nil || r.Errors.Sum() != 0 {
			t.Errorf("after %d answers: %v, %v", answers, r, err)
		}
		h.mu.Lock()
		if asked != answers+1 {
			t.Errorf("with %d answers it said %d lines", answers, asked)
		}
		h.mu.Unlock()
	}
}

// While it waits for the askers, the load ends as soon as it is told to.
func TestTheEndIsNotAwaitedByAskers(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	h := &heard{}
	silent := make(chan struct{})
	defer close(silent)
	h.answer = func(line string) bool {
		if strings.HasPrefix(line, "WHATSAT") {
			end()
			<-silent
		}
		return true
	}
	o := Options{Addresses: []string{h.listen(t)}, Connections: 1, Clients: 1, Askers: 1}
	if _, err := Run(ctx, o); !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
}
