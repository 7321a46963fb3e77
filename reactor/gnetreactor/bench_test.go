//go:build linux

package gnetreactor

import (
	"fmt"
	"io"
	"net"
	"runtime/trace"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"proxyherd/reactor"
)

// BenchmarkPost is one call from another goroutine, run on the loop.
func BenchmarkPost(b *testing.B) {
	r := New(Config{NoSignalHandlers: true})
	left := b.N
	f := func() {
		if left--; left == 0 {
			stop(r)
		}
	}
	r.CallWhenRunning(func() {
		b.ReportAllocs()
		b.ResetTimer()
		go func() {
			for range b.N {
				r.CallFromThread(f)
			}
		}()
	})
	if err := r.Run(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkResetTimer is what a time-out costs that every line resets.
func BenchmarkResetTimer(b *testing.B) {
	r := New(Config{NoSignalHandlers: true})
	call := r.CallLater(time.Hour, func() {})
	b.ReportAllocs()
	for b.Loop() {
		_ = call.Reset(time.Hour)
	}
}

// BenchmarkEcho has connections that each keep a number of 32-byte messages on
// their way; an operation is one message there and back.
func BenchmarkEcho(b *testing.B) {
	for _, connections := range []int{1, 50} {
		for _, pipeline := range []int{1, 16, 64} {
			b.Run(fmt.Sprintf("conns=%d/P=%d", connections, pipeline), func(b *testing.B) {
				b.ReportAllocs()
				benchmarkEcho(b, Config{}, connections, pipeline, b.N/(connections*pipeline)+1)
			})
		}
	}
}

// benchmarkEcho has each of the connections send so many pieces, one after the
// other is back.
func benchmarkEcho(b *testing.B, config Config, connections, pipeline, rounds int) {
	b.Helper()
	config.NoSignalHandlers = true
	r := New(config)
	p, err := r.ListenTCP(0, each(func() *conversation {
		return &conversation{received: func(c *conversation, data []byte) error {
			c.transport.Write(data)
			return nil
		}}
	}), 1024, "127.0.0.1")
	if err != nil {
		b.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- r.Run() }()
	_, number := reactor.SplitAddress(p.GetHost())
	done := make(chan error, connections)
	for range connections {
		go func() { done <- echoClient(number, pipeline*32, rounds) }()
	}
	for range connections {
		if err := <-done; err != nil {
			b.Error(err)
		}
	}
	r.CallFromThread(func() { stop(r) })
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
}

func echoClient(number, size, rounds int) error {
	c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", number))
	if err != nil {
		return err
	}
	defer c.Close()
	out, in := make([]byte, size), make([]byte, size)
	for range rounds {
		if _, err := c.Write(out); err != nil {
			return err
		}
		if _, err := io.ReadFull(c, in); err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkTurnClock is what measuring costs: a turn of so many callbacks, which
// do nothing; and beside it one reading of the clock, of which there are as many
// and one more, and one of the thread's, of which there are two.
func BenchmarkTurnClock(b *testing.B) {
	b.Run("reading", func(b *testing.B) {
		r := New(Config{SlowTurn: time.Hour})
		for b.Loop() {
			r.turns.clock()
		}
	})
	b.Run("reading the thread's", func(b *testing.B) {
		r := New(Config{SlowTurn: time.Hour, ThreadTime: true})
		for b.Loop() {
			r.turns.thread()
		}
	})
	for _, callbacks := range []int{1, 16} {
		for _, config := range []Config{{}, {SlowTurn: time.Hour}, {SlowTurn: time.Hour, ThreadTime: true}} {
			b.Run(fmt.Sprintf("callbacks=%d/measured=%t/thread=%t", callbacks, config.SlowTurn > 0, config.ThreadTime), func(b *testing.B) {
				r := New(config)
				b.ReportAllocs()
				for b.Loop() {
					r.turns.begin()
					for range callbacks {
						r.turns.ran(wasIO, r)
					}
					r.turns.end()
				}
			})
		}
	}
}

// BenchmarkEchoMeasured is what it costs to know of slow turns, where a turn does
// next to nothing: the processor's time of an echo over that of one that does not
// measure. "measured" is with Config.SlowTurn, "recorded" also with a flight
// recorder for the traces; "null" is another one that does not measure, and tells
// which difference is none. They take turns, so that whatever else the machine does
// falls on all. The clients' time is in it.
func BenchmarkEchoMeasured(b *testing.B) {
	for _, connections := range []int{1, 50} {
		b.Run(fmt.Sprintf("conns=%d", connections), func(b *testing.B) {
			const messages = 5000
			ways := [...]struct {
				name     string
				limit    time.Duration
				recorded bool
			}{{name: "plain"}, {"measured", 10 * time.Millisecond, false}, {"recorded", 10 * time.Millisecond, true}, {name: "null"}}
			var spent [len(ways)]time.Duration
			for round := 0; b.Loop(); round++ {
				for i := range ways {
					which := (round + i) % len(ways) // each is the first as often
					stop := func() {}
					if ways[which].recorded {
						stop = startRecorder(b)
					}
					before := processorTime(b)
					benchmarkEcho(b, Config{SlowTurn: ways[which].limit}, connections, 1, messages/connections)
					spent[which] += processorTime(b) - before
					stop()
				}
			}
			for i, way := range ways[1:] {
				b.ReportMetric(float64(spent[i+1])/float64(spent[0]), way.name)
			}
		})
	}
}

func startRecorder(b *testing.B) (stop func()) {
	b.Helper()
	recorder := trace.NewFlightRecorder(trace.FlightRecorderConfig{MinAge: 2 * time.Second, MaxBytes: 8 << 20})
	if err := recorder.Start(); err != nil {
		b.Fatal(err)
	}
	return recorder.Stop
}

// processorTime is what the process has used so far.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var used unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
