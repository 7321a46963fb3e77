package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
)

// loss is an acknowledged report that a server does not have, nor a newer one of
// that client.
type loss struct {
	report string // as it was sent, without its verb
	acker  string // the server that acknowledged it
	acked  time.Time
	lacks  string // the server that lacks it
}

func (l loss) String() string {
	return fmt.Sprintf("%s lacks %q, acknowledged by %s at %s", l.lacks, l.report, l.acker, l.acked.Format(time.StampMilli))
}

// losses asks the servers for the newest record of every client of which a report
// was acknowledged. checked is how many records were looked at.
func losses(t *testing.T, config herd.Config, list []*reporter, servers ...string) (lost []loss, checked int) {
	t.Helper()
	for _, server := range servers {
		for _, r := range list {
			held := r.heldBy(t, server)
			for client, newest := range r.newest {
				if newest.time == 0 {
					continue
				}
				checked++
				// A newer one, which the server got and could not answer any more, is as
				// good.
				if held[client] < newest.time {
					lost = append(lost, loss{r.report(newest.time - firstTime), r.server, newest.at, server})
				}
			}
		}
	}
	return lost, checked
}

// heldBy returns the times of the records that a server has of the reporter's
// clients, 0 where it has none. A record that the reporter cannot have caused
// fails the test.
func (r *reporter) heldBy(t *testing.T, server string) []int {
	t.Helper()
	// So few at once that the servers need not wait for us to read.
	const atOnce = 1000
	held := make([]int, 0, r.clients)
	for len(held) < r.clients {
		first, past := len(held), min(len(held)+atOnce, r.clients)
		var text strings.Builder
		for client := first; client < past; client++ {
			text.WriteString(r.question(client) + "\n")
		}
		lines := r.ask(t, server, text.String())
		for client := first; client < past && len(lines) > 0; client++ {
			line := lines[0]
			lines = lines[1:]
			if line == "? "+r.question(client) {
				held = append(held, 0)
				continue
			}
			held = append(held, r.timeOf(t, server, line, client))
			lines = lines[min(1, len(lines)):] // what the upstream says
		}
		if len(held) != past || len(lines) > 0 {
			t.Fatalf("%s was asked for clients %d to %d, answered for %d, and goes on with %q", server, first, past-1, len(held)-first, lines)
		}
	}
	return held
}

// ask sends questions on a connection of its own, and returns the lines of the
// answer. It leaves nothing open: some tests ask very often.
func (r *reporter) ask(t *testing.T, server, questions string) []string {
	t.Helper()
	conn := dial(t, r.config, server)
	defer conn.Close()
	write(t, conn, questions)
	if err := conn.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatalf("%s: %v", server, err)
	}
	return strings.Split(strings.TrimSuffix(string(answer), "\n"), "\n")
}

func (r *reporter) question(client int) string { return "WHATSAT " + r.id(client) + " 1 0" }

// timeOf is the time of the record in an AT line, which must be one of the
// client's.
func (r *reporter) timeOf(t *testing.T, server, line string, client int) int {
	t.Helper()
	fields := strings.Fields(line)
	if len(fields) != 6 || fields[0] != "AT" || fields[1] != r.server || fields[3] != r.id(client) {
		t.Fatalf("%s was asked for %s and says %q", server, r.id(client), line)
	}
	at, err := strconv.Atoi(fields[5])
	if err != nil || at < firstTime || at > firstTime+r.sent {
		t.Fatalf("%s says %q; %d reports were sent", server, line, r.sent)
	}
	return at
}
