package protocols_test

import (
	"bytes"
	"fmt"
	"runtime"
	"testing"
	"unsafe"

	"proxyherd/protocols"
)

// counting counts lines, and those that are views into chunk.
type counting struct {
	protocols.LineReceiver
	lines, views int
	chunk        []byte
}

func (c *counting) LineReceived(line []byte) error {
	c.lines++
	if len(line) > 0 && len(c.chunk) > 0 &&
		uintptr(unsafe.Pointer(&line[0])) >= uintptr(unsafe.Pointer(&c.chunk[0])) &&
		uintptr(unsafe.Pointer(&line[0])) <= uintptr(unsafe.Pointer(&c.chunk[len(c.chunk)-1])) {
		c.views++
	}
	return nil
}

func tenByteLines(size int) []byte { return bytes.Repeat([]byte("12345678\r\n"), size/10) }

func TestWholeLinesCostNoMemory(t *testing.T) { // LR24
	c := &counting{chunk: tenByteLines(64 << 10)}
	connect(c)
	allocations := testing.AllocsPerRun(100, func() { _ = c.DataReceived(c, c.chunk) })
	if allocations != 0 {
		t.Fatalf("%v allocations for a chunk of whole lines", allocations)
	}
	if want := 101 * (64 << 10) / 10; c.lines != want-want%101 || c.views != c.lines {
		t.Fatalf("%d lines, %d of them views", c.lines, c.views)
	}
}

func TestUnfinishedLineCopiesOnlyItself(t *testing.T) {
	c := &counting{}
	connect(c)
	_ = c.DataReceived(c, []byte("begun"))
	c.chunk = append([]byte("678\r\n"), tenByteLines(64<<10)...)
	if err := c.DataReceived(c, c.chunk); err != nil {
		t.Fatal(err)
	}
	if c.lines != 6554 || c.views != 6553 {
		t.Fatalf("%d lines, %d of them views", c.lines, c.views)
	}
}

func TestGivingBackTheRestCopiesNothing(t *testing.T) {
	s := &bodySession{}
	s.Delimiter = []byte("\n")
	connect(s)
	chunk := bytes.Repeat([]byte("body 1\n\nx"), 1000)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := s.DataReceived(s, chunk); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	// The events take some of it; a copy of the rest after each body would
	// take 4.5 MB.
	if allocated := after.TotalAlloc - before.TotalAlloc; len(s.got) != 2000 || allocated > 1<<20 {
		t.Fatalf("%d events, %d bytes allocated", len(s.got), allocated)
	}
}

func TestSizeOfAnIdleReceiver(t *testing.T) {
	if size := unsafe.Sizeof(protocols.LineReceiver{}); size > 144 {
		t.Fatalf("a LineReceiver takes %d bytes", size)
	}
}

func TestSendLineCostsNoMemory(t *testing.T) {
	s := &linesOnly{}
	s.MakeConnection(s, &discarding{})
	line := []byte("a line of the usual length")
	s.SendLine(line)
	if n := testing.AllocsPerRun(100, func() { s.SendLine(line) }); n >= 1 {
		t.Fatalf("%v allocations", n)
	}
}

// discarding is a transport that keeps nothing.
type discarding struct{ transport }

func (*discarding) Write([]byte) {}

func BenchmarkLineReceiver(b *testing.B) {
	for _, size := range []int{64 << 10, 1 << 20} {
		b.Run(fmt.Sprintf("10-byte-lines/%dKiB", size>>10), func(b *testing.B) {
			c := &counting{}
			connect(c)
			chunk := tenByteLines(size)
			b.ReportAllocs()
			b.SetBytes(int64(len(chunk)))
			for b.Loop() {
				if err := c.DataReceived(c, chunk); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(c.lines), "ns/line")
		})
	}
	b.Run("one byte at a time", func(b *testing.B) {
		c := &counting{}
		connect(c)
		line := append(bytes.Repeat([]byte("x"), protocols.DefaultMaxLineLength-2), "\r\n"...)
		b.ReportAllocs()
		b.SetBytes(int64(len(line)))
		for b.Loop() {
			for i := range line {
				_ = c.DataReceived(c, line[i:i+1])
			}
		}
	})
}
