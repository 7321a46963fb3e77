package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"proxyherd/herd/wirelog"
)

// ErrNotArrived is an update that a server's log does not have in the end.
var ErrNotArrived = errors.New("an update has not arrived")

// Watched is a server whose log is read.
type Watched struct {
	Name string // in the result
	Log  string // the path of its wire log

	// Told says that it is the server that reports are sent to: what neighbours send
	// it back counts among the messages, and nothing has to arrive there.
	Told bool
}

// Spread is what [Propagate] finds.
type Spread struct {
	Sent     int       `json:"sent"`
	Rate     float64   `json:"rate"`     // updates a second
	Servers  []Arrival `json:"servers"`  // in the order in which they were given
	Farthest string    `json:"farthest"` // the one with the highest median

	// Messages is how many AT lines of the updates the watched servers had from
	// neighbours, those that came a second time included.
	Messages int `json:"messages"`

	Errors Errors `json:"errors"` // of the answers to the reports
}

// Arrival is how updates came to one server.
type Arrival struct {
	Server  string    `json:"server"`
	Latency Times     `json:"latency"` // from the generator's write to the AT line in the log
	Curve   []float64 `json:"curve"`   // by when 0.5 %, 1.5 % ... 99.5 % had arrived, in us
}

// Propagate sends reports of so many clients, at o.Rate (0: 1,000 a second), to the one
// server of o.Addresses, and reads in the wire logs of others when their AT lines came
// to each of them: the first of several that come over different links. All is on one
// machine and its clock; the logs write microseconds. It waits some seconds for lines
// that are not there yet, and then fails with ErrNotArrived.
func Propagate(ctx context.Context, o Options, updates int, servers []Watched) (*Spread, error) {
	if o.Rate == 0 {
		o.Rate = 1000
	}
	o.Clients, o.Connections, o.Threads = updates, 1, 1
	o = o.withDefaults()
	if err := o.check(); err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(servers, func(s Watched) bool { return !s.Told }) {
		return nil, fmt.Errorf("%w: no log is given of a server that updates come to", ErrOptions)
	}
	sent, wrong, err := sendUpdates(ctx, &o, updates)
	if err != nil {
		return nil, err
	}
	s := &Spread{Sent: updates, Rate: o.Rate, Errors: wrong}
	for _, server := range servers {
		if server.Told {
			continue
		}
		a, err := arrivals(ctx, server, sent)
		if err != nil {
			return nil, err
		}
		s.Servers = append(s.Servers, *a)
	}
	if s.Messages, err = messages(ctx, servers, sent); err != nil {
		return nil, err
	}
	farthest := slices.MaxFunc(s.Servers, func(a, b Arrival) int { return int(a.Latency.P50*1000 - b.Latency.P50*1000) })
	s.Farthest = farthest.Server
	return s, nil
}

// sendUpdates reports each client once, and returns by its line without the verb when it
// left.
func sendUpdates(ctx context.Context, o *Options, updates int) (sent map[string]int64, wrong Errors, err error) {
	d, err := newDriver(o, newClock(), theAtlas())
	if err != nil {
		return nil, wrong, err
	}
	defer d.close()
	if err := d.connect(&server{address: o.Addresses[0]}, 0); err != nil {
		return nil, wrong, err
	}
	sent = make(map[string]int64, updates)
	cpu := -1
	if len(o.CPUs) > 0 {
		cpu = o.CPUs[0]
	}
	err = onThread(cpu, func() error {
		start, interval, c := d.clock.now(), int64(1e9/o.Rate), d.conns[0]
		return d.loop(func(*conn) {}, func(now int64) (more bool) {
			made := int64(len(sent))
			if made == int64(updates) || ctx.Err() != nil {
				return false
			}
			// It sleeps between two, as the servers may need this core; what it is late
			// by is not in the latency.
			due := start + made*interval
			d.next = due
			if now >= due {
				now = d.clock.now()
				c.report(d, uint32(made), due, now)
				q := c.questions[len(c.questions)-1]
				sent[string(bytes.TrimSuffix(c.out[q.from+len("IAMAT "):q.to], []byte("\n")))] = d.clock.now()
				d.send(c)
				d.next = due + interval
			}
			return true
		})
	})
	return sent, d.errors, errors.Join(err, ctx.Err())
}

// arrivals reads when the updates came to a server.
func arrivals(ctx context.Context, server Watched, sent map[string]int64) (*Arrival, error) {
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for until := time.Now().Add(patience); ; {
		latency, _, err := readArrivals(server, sent)
		if err != nil {
			return nil, err
		}
		if missing := len(sent) - int(latency.TotalCount()); missing == 0 {
			a := &Arrival{Server: server.Name, Latency: newTimes(latency)}
			for percent := 0.5; percent < 100; percent++ {
				a.Curve = append(a.Curve, float64(latency.ValueAtPercentile(percent))/1e3)
			}
			return a, nil
		} else if time.Now().After(until) {
			return nil, fmt.Errorf("%w: %s has %d of %d not", ErrNotArrived, server.Name, missing, len(sent))
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// messages counts the AT lines of the updates in all logs, once all have arrived. Those
// that are superfluous come last, so it reads until there are no more than before.
func messages(ctx context.Context, servers []Watched, sent map[string]int64) (count int, err error) {
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for before := -1; count != before; {
		before, count = count, 0
		for _, server := range servers {
			_, n, err := readArrivals(server, sent)
			if err != nil {
				return 0, err
			}
			count += n
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	return count, nil
}

// readArrivals reads a log as it is now: when each update came first, and how often all
// of them came.
func readArrivals(server Watched, sent map[string]int64) (latency *hdrhistogram.Histogram, messages int, err error) {
	file, err := os.Open(server.Log)
	if err != nil {
		return nil, 0, fmt.Errorf("the wire log of %s: %w", server.Name, err)
	}
	defer file.Close()
	latency = newHistogram()
	seen := make(map[string]bool, len(sent))
	for entry, err := range wirelog.Scan(file) {
		if err != nil {
			continue // its last line may be half written
		}
		if entry.Mark != wirelog.In || entry.Kind != wirelog.Peer {
			continue
		}
		// AT server difference, and then the report without its verb.
		fields := bytes.SplitN(entry.Text, []byte(" "), 4)
		if len(fields) < 4 || string(fields[0]) != "AT" {
			continue
		}
		left, ours := sent[string(fields[3])]
		if ours {
			messages++
		}
		if !ours || seen[string(fields[3])] {
			continue
		}
		seen[string(fields[3])] = true
		_ = latency.RecordValue(min(max(entry.At.UnixNano()-left, 1), mostLatency)) // it is in range
	}
	return latency, messages, nil
}
