package protocols_test

import (
	"fmt"
	"runtime"
	"slices"
	"testing"

	"proxyherd/reactor"
	"proxyherd/reactor/reactortest"
)

// transport is a StringTransport that keeps the writes apart.
type transport struct {
	reactortest.StringTransport
	writes []string
}

func (t *transport) Write(data []byte) {
	t.writes = append(t.writes, string(data))
	t.StringTransport.Write(data)
}

// connect gives p a transport in memory.
func connect(p reactor.Protocol) *transport {
	t := &transport{}
	p.MakeConnection(p, t)
	return t
}

// feed hands data to p as one chunk, in memory that is overwritten afterwards
// as a reactor's is, so that a view that is kept shows.
func feed(t *testing.T, p reactor.Protocol, data string) {
	t.Helper()
	if err := feedErr(p, data); err != nil {
		t.Fatalf("DataReceived(%q) = %v", data, err)
	}
}

func feedErr(p reactor.Protocol, data string) error {
	chunk := []byte(data)
	err := p.DataReceived(p, chunk)
	for i := range chunk {
		chunk[i] = '#'
	}
	return err
}

// same fails unless got is want.
func same[T comparable](t *testing.T, what string, got []T, want ...T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("%s:\n got %q\nwant %q", what, fmt.Sprint(got), fmt.Sprint(want))
	}
}

// mustPanic is what f panics with, as text.
func mustPanic(t *testing.T, f func()) (text string) {
	t.Helper()
	defer func() {
		t.Helper()
		p := recover()
		if p == nil {
			t.Fatal("did not panic")
		}
		text = fmt.Sprint(p)
	}()
	f()
	return ""
}

// everySplit calls f with data cut in every one of the 2^(len-1) ways.
func everySplit(data string, f func(chunks []string)) (splits int) {
	for cuts := range 1 << (len(data) - 1) {
		var chunks []string
		start := 0
		for i := 1; i < len(data); i++ {
			if cuts>>(i-1)&1 == 1 {
				chunks = append(chunks, data[start:i])
				start = i
			}
		}
		f(append(chunks, data[start:]))
		splits++
	}
	return splits
}

// everySize calls f with data cut into chunks of each size.
func everySize(data string, f func(chunks []string)) (sizes int) {
	for size := 1; size <= len(data); size++ {
		var chunks []string
		for rest := data; rest != ""; {
			n := min(size, len(rest))
			chunks = append(chunks, rest[:n])
			rest = rest[n:]
		}
		f(chunks)
		sizes++
	}
	return sizes
}

// stackDepth is how many calls deep the caller is.
func stackDepth() int {
	var callers [256]uintptr
	return runtime.Callers(0, callers[:])
}
