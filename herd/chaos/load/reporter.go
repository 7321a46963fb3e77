package load

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"proxyherd/herd/chaos/account"
)

// reporter reports on one connection after the other.
type reporter struct {
	crowd  *Crowd
	ids    ids
	random *rand.Rand
	last   map[string]int64 // of each client, the time of its last report
	batch  []told
}

// told is a report that waits for its answer.
type told struct {
	id, location, time string
}

func (t told) command() string { return "IAMAT " + t.id + " " + t.location + " " + t.time }

func (r *reporter) work(ctx context.Context) {
	for ctx.Err() == nil {
		server := r.crowd.someServer(r.random)
		conn, err := dial(ctx, r.crowd.Stage, server)
		if err != nil {
			nap(ctx, 50*time.Millisecond)
			continue
		}
		r.talk(ctx, conn)
		_ = conn.Close() // all that was wanted of it was read, or never comes
	}
}

// talk reports until it is time to go elsewhere, or the connection ends.
func (r *reporter) talk(ctx context.Context, conn *connection) {
	pace := time.NewTicker(time.Second * reporters * batch / time.Duration(r.crowd.Rate))
	defer pace.Stop()
	for end := time.After(stay(r.random)); ; {
		select {
		case <-ctx.Done():
			return
		case <-end:
			return
		case <-pace.C:
		}
		if !r.exchange(conn) {
			return
		}
	}
}

// exchange sends a batch of reports and reads their answers. It returns false when
// the connection has ended.
func (r *reporter) exchange(conn *connection) bool {
	r.crowd.gate.RLock()
	defer r.crowd.gate.RUnlock()
	var text bytes.Buffer
	r.batch = r.batch[:0]
	for range batch {
		one := r.report()
		r.batch = append(r.batch, one)
		r.crowd.Books.Issue(conn.life.Server, one.id, one.location, one.time)
		text.WriteString(one.command() + "\n")
	}
	call := time.Now()
	if conn.send(text.Bytes()) != nil {
		return false
	}
	for _, one := range r.batch {
		line, err := conn.line()
		if err != nil {
			return false
		}
		r.take(conn.life, call, one, line)
	}
	return true
}

// take notes an acknowledgement.
func (r *reporter) take(l account.Life, call time.Time, one told, line []byte) {
	if r.crowd.Stage.HasJournals() && string(line) == "? "+one.command() {
		return // its disk fails, and it says so
	}
	report := account.Parse(line)
	if report == nil || !bytes.HasPrefix(line, []byte("AT "+l.Server+" ")) ||
		!bytes.HasSuffix(line, []byte(" "+one.id+" "+one.location+" "+one.time)) {
		r.crowd.Stage.Wrong("%s answered %q to %s", l.Server, line, one.command())
		return
	}
	r.crowd.Books.Acknowledge(l, report)
	if isWatched(one.id) {
		r.crowd.History.Acknowledged(l, call, time.Now(), report)
	}
}

// report makes one up.
func (r *reporter) report() told {
	id := r.ids.draw(r.random)
	at := r.timeFor(id, time.Now().UnixNano())
	r.last[id] = at
	location := fmt.Sprintf("%+.*f%+.*f", r.random.IntN(4), r.random.Float64()*180-90, r.random.IntN(4), r.random.Float64()*360-180)
	return told{id, location, fmt.Sprintf("%d.%09d", at/1e9, at%1e9)}
}

// timeFor chooses the time that a report gives as its own: often that of other
// reporters too, or one a nanosecond after the last, or an old one.
func (r *reporter) timeFor(id string, now int64) int64 {
	const second = int64(time.Second)
	if isAhead(id) {
		return now + r.random.Int64N(2*365*24*3600)*second
	}
	switch n := r.random.IntN(100); {
	case n < 20:
		return now / second * second
	case n < 40 && r.last[id] > 0:
		return r.last[id] + 1
	case n < 50:
		return now - r.random.Int64N(60*second)
	}
	return now
}
