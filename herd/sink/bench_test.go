package sink_test

import (
	"context"
	"fmt"
	"testing"

	"proxyherd/herd"
	"proxyherd/herd/sink"
	"proxyherd/herd/sink/sinktest"
)

// taker is a database that takes everything at once, and keeps nothing.
type taker struct{ sinktest.Memory }

func (*taker) Write(_ context.Context, rows []sink.Row) (sink.Written, error) {
	return sink.Written{Newer: len(rows)}, nil
}

// What a report costs the loop, while the database takes what it is given at once.
func BenchmarkPut(b *testing.B) {
	usual := herd.Default().Sink
	s := sink.New(sink.Options{Settings: usual, Future: future, Database: &taker{}})
	stand := &stand{sink: s, lines: map[string]string{}}
	s.Start(sink.Server{Walk: stand.walk, Take: stand.take})
	defer s.Close()
	var lines [][]byte
	for n := range 10_000 {
		lines = append(lines, []byte(line(fmt.Sprint("client", n), n)))
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		s.Put(lines[i%len(lines)])
	}
}
