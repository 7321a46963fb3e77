package main

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"
	"unsafe"

	"proxyherd/herd"
)

// Whatever several goroutines take, each has for itself, and it begins as 0.
func TestMemoryIsGivenOutOnce(t *testing.T) {
	var m memory
	var all sync.WaitGroup
	taken := make([][]*[64]uint64, 4)
	for i := range taken {
		all.Go(func() {
			for n := range 3 * regionBytes / 512 / len(taken) {
				words := place[[64]uint64](&m)
				if *words != [64]uint64{} || uintptr(unsafe.Pointer(words))%8 != 0 {
					t.Errorf("at %p there is %v", words, words)
					return
				}
				words[0], words[63] = uint64(i), uint64(n)
				taken[i] = append(taken[i], words)
			}
		})
	}
	all.Wait()
	for i, mine := range taken {
		for n, words := range mine {
			if words[0] != uint64(i) || words[63] != uint64(n) {
				t.Fatalf("%d, %d wrote into what %d took as number %d", words[0], words[63], i, n)
			}
		}
	}
}

// What the collector has to do does not grow with the clients that a server knows.
func TestAServersRecordsAreOutsideOfTheHeap(t *testing.T) {
	heapOf := func(m herd.Memory) (grown uint64) {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		s := herd.NewStore(herd.StoreSettings{Future: time.Minute, Memory: m})
		var r herd.Record
		for i := range 20_000 {
			line := fmt.Appendf(nil, "AT Farmar +0.000000000 client%d +34.068930-118.445127 1000", i)
			if err := herd.ParseAT(line, &r); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Put(&r, herd.Room{Records: 1 << 20, Bytes: 1 << 30}); err != nil {
				t.Fatal(err)
			}
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		runtime.KeepAlive(s)
		return after.HeapAlloc - min(before.HeapAlloc, after.HeapAlloc)
	}
	// A store has half a megabyte of sums, and twenty thousand records take two more.
	if ours, heaps := heapOf(&memory{}), heapOf(nil); ours > 1<<20 || heaps < 2<<20 {
		t.Errorf("the heap grew by %d bytes, and by %d where the records were on it", ours, heaps)
	}
}
