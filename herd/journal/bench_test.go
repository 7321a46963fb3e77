package journal

import (
	"fmt"
	"testing"
	"time"

	"golang.org/x/sys/unix"

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

// What a client that is new costs the whole process, to the end of the journal: writing
// and merging are in it, which go on beside the loop. Take a million of them, by
// -benchtime 1000000x: fewer are hardly merged.
func BenchmarkUnseen(b *testing.B) {
	j, err := Open(Options{Dir: b.TempDir(), Name: "Hill", Fsync: herd.FsyncSecond})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { closeIt(b, j) })
	lines := make([][]byte, b.N)
	for n := range lines {
		lines[n] = []byte(line(fmt.Sprint("client", n*7919%b.N), n)) // in no order of the keys
	}
	spent := processorTime(b)
	b.ResetTimer()
	for n, line := range lines {
		j.Put(line)
		for n%10_000 == 0 && j.Status().Waiting > 100_000 { // a disk is slower than a loop
			time.Sleep(time.Millisecond)
		}
	}
	closeIt(b, j)
	b.StopTimer()
	b.ReportMetric(float64((processorTime(b)-spent).Nanoseconds())/float64(b.N), "cpu-ns/op")
}

// processorTime is what this process has used so far.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var used unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
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
