package journal

import (
	"fmt"
	"testing"

	"proxyherd/herd"
)

// What a report costs the loop: Put and Mark.
func BenchmarkPut(b *testing.B) {
	for _, fsync := range herd.Fsyncs {
		b.Run(fsync, func(b *testing.B) {
			j, lines := onDisk(b, fsync)
			b.ReportAllocs()
			for i := range b.N {
				j.Put(lines[i%len(lines)])
				j.Mark()
			}
		})
	}
}

// What a client waits that reports alone: one sync each.
func BenchmarkSync(b *testing.B) {
	j, lines := onDisk(b, herd.FsyncAlways)
	moved := watch(j)
	for i := range b.N {
		j.Put(lines[i%len(lines)])
		safe(b, j, moved)
	}
}

func onDisk(b *testing.B, fsync string) (j *Journal, lines [][]byte) {
	b.Helper()
	j, err := Open(Options{Dir: b.TempDir(), Name: "Hill", Fsync: fsync})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { closeIt(b, j) })
	for n := range 10_000 {
		lines = append(lines, []byte(line(fmt.Sprint("client", n), n)))
	}
	return j, lines
}
