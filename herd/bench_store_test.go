package herd

import (
	"fmt"
	"runtime"
	"testing"
	"time"
)

// benchRecord is a record of a client that is written anew for each use, as
// benchLine is a line.
type benchRecord struct {
	benchLine
	Record
}

func newBenchRecord(tb testing.TB) *benchRecord {
	r := &benchRecord{benchLine: *newBenchLine("AT Farmar +0.563873386 client00000000.cs.ucla.edu +27.5916+086.5640 1353118103.000000000")}
	if err := ParseAT(r.benchLine.line, &r.Record); err != nil {
		tb.Fatal(err)
	}
	return r
}

// set makes it the record of a client, newer for each step.
func (r *benchRecord) set(client, step int) *Record {
	r.benchLine.set(client, step)
	r.Client.Nsec, r.Received.Nsec = int32(step), int32(step)
	return &r.Record
}

// benchRoom is room for ten million clients.
var benchRoom = Room{Records: 1 << 24, Bytes: 1 << 34}

// benchStore returns a store that knows so many clients.
func benchStore(tb testing.TB, clients int) *Store {
	s := NewStore(StoreSettings{Future: testFuture, Key: testKey})
	r := newBenchRecord(tb)
	for i := range clients {
		if changed, err := s.Put(r.set(i, 0), benchRoom); !changed || err != nil {
			tb.Fatal(changed, err)
		}
	}
	return s
}

// The same clients, one after the other, as stride visits them: by these sizes
// the store is in a core's own cache, in the cache that all share, and in memory.
func BenchmarkStore(b *testing.B) {
	for _, clients := range []int{1000, 100_000, 1_000_000} {
		s := benchStore(b, clients)
		r := newBenchRecord(b)
		step := 0
		b.Run(fmt.Sprintf("Put newer/%d", clients), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				step++
				if changed, err := s.Put(r.set(step*stride%clients, step), benchRoom); !changed || err != nil {
					b.Fatal(changed, err)
				}
			}
		})
		b.Run(fmt.Sprintf("Put older/%d", clients), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if changed, err := s.Put(r.set(i*stride%clients, 0), benchRoom); changed || err != nil {
					b.Fatal(changed, err)
				}
			}
		})
		b.Run(fmt.Sprintf("Get/%d", clients), func(b *testing.B) {
			b.ReportAllocs()
			var got Record
			for i := 0; b.Loop(); i++ {
				if !s.Get(r.set(i*stride%clients, 0).ID, &got) {
					b.Fatalf("%s is unknown", r.ID)
				}
			}
		})
		b.Run(fmt.Sprintf("Walk/%d", clients), func(b *testing.B) {
			var at Cursor
			shown, more := 0, true
			for b.Loop() {
				if !more {
					at = Cursor{}
				}
				at, more = s.Walk(at, 64, func([]byte) { shown++ })
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(shown), "ns/record")
		})
	}
}

func BenchmarkStorePutNew(b *testing.B) {
	r := newBenchRecord(b)
	s := benchStore(b, 0)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i == 1_000_000 {
			s, i = benchStore(b, 0), 0
		}
		if changed, err := s.Put(r.set(i, 0), benchRoom); !changed || err != nil {
			b.Fatal(changed, err)
		}
	}
}

// A collection of garbage looks at nothing in a store: of a million clients it
// sees a few thousand pieces of memory.
func BenchmarkStoreCollection(b *testing.B) {
	for _, clients := range []int{0, 1_000_000} {
		s := benchStore(b, clients)
		runtime.GC() // what filling it left behind is none of its business
		b.Run(fmt.Sprint(clients), func(b *testing.B) {
			least := time.Hour
			for b.Loop() {
				start := time.Now()
				runtime.GC()
				least = min(least, time.Since(start))
			}
			b.ReportMetric(float64(least.Nanoseconds()), "least-ns")
		})
		runtime.KeepAlive(s)
	}
}

// Comparing two stores: their parts, and the records of one part.
func BenchmarkDigest(b *testing.B) {
	s := benchStore(b, 1_000_000)
	var hashes []uint64
	var sum uint64
	for _, kind := range []struct {
		name string
		bits int
		ask  func(number int)
	}{
		{"Sum of 256", 8, func(number int) { sum += s.Sum(8, number) }},
		{"Sum of all", s.Bits(), func(number int) { sum += s.Sum(s.Bits(), number) }},
		{"AppendHashes", s.Bits(), func(number int) { hashes = s.AppendHashes(hashes[:0], s.Bits(), number) }},
		{"Find", s.Bits(), func(number int) {
			hashes = s.AppendHashes(hashes[:0], s.Bits(), number)
			s.Find(s.Bits(), number, hashes, func([]byte) { sum++ })
		}},
	} {
		b.Run(kind.name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				kind.ask(i * stride % (1 << kind.bits))
			}
		})
	}
	if sum == 0 {
		b.Error("nothing was summed")
	}
}
