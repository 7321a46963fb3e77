package herd

import (
	"os"
	"runtime"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"
)

// threadTime returns how many nanoseconds this thread has worked: on a machine
// that has other work too, the clock on the wall says little about one call.
func threadTime(tb testing.TB) int64 {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		tb.Fatal(err)
	}
	return t.Nano()
}

// No Put of a growing store takes long, even those that make a chunk or split a
// segment. The longest of all is measured as it grows to HERD_BENCH_CLIENTS
// clients, or a million, and beside it the longest of as many that store nothing
// new: that is the machine's own part in it.
func BenchmarkStoreGrowing(b *testing.B) {
	clients := 1_000_000
	if text := os.Getenv("HERD_BENCH_CLIENTS"); text != "" {
		var err error
		if clients, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	r := newBenchRecord(b)
	var growing, known times
	for b.Loop() {
		s := benchStore(b, 0)
		for i := range clients {
			r.set(i, 0)
			growing.measure(b, func() { _, _ = s.Put(&r.Record, benchRoom) })
		}
		for i := range clients {
			r.set(i, 0)
			known.measure(b, func() { _, _ = s.Put(&r.Record, benchRoom) })
		}
		if s.Len() != clients {
			b.Fatalf("the store has %d records of %d", s.Len(), clients)
		}
	}
	b.ReportMetric(float64(growing.longest)/1e3, "longest-µs")
	b.ReportMetric(float64(growing.long), "over-100µs")
	b.ReportMetric(float64(known.longest)/1e3, "known-longest-µs")
	b.ReportMetric(float64(known.long), "known-over-100µs")
}

type times struct {
	longest int64 // ns
	long    int   // how many took more than 100 µs
}

func (t *times) measure(tb testing.TB, call func()) {
	start := threadTime(tb)
	call()
	took := threadTime(tb) - start
	t.longest = max(t.longest, took)
	if took > 100_000 {
		t.long++
	}
}
