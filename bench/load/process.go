package load

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// usage is what a process has used so far.
type usage struct {
	cpu           time.Duration
	reads, writes int64 // system calls; 0 where they are not told
}

// Memory is what a process holds, in bytes.
type Memory struct {
	Resident  int64 `json:"resident"`
	Anonymous int64 `json:"anonymous"` // no file's, so the process's own
}

// usageOf reads what processes have used, all together. It takes some 10 us each.
func usageOf(pids []int) (sum usage, err error) {
	for _, pid := range pids {
		// The clock of another process: clock_getcpuclockid(3).
		const ofProcess = 2
		var spent unix.Timespec
		if err := unix.ClockGettime(int32(^pid<<3|ofProcess), &spent); err != nil {
			return sum, fmt.Errorf("the processor time of process %d: %w", pid, err)
		}
		sum.cpu += time.Duration(spent.Nano())
		// Not every system has this file, and not everybody may read it.
		if text, err := os.ReadFile(fmt.Sprintf("/proc/%d/io", pid)); err == nil {
			sum.reads += numberAfter(text, "syscr: ")
			sum.writes += numberAfter(text, "syscw: ")
		}
	}
	return sum, nil
}

// ProcessorTime is what processes have used so far, all together.
func ProcessorTime(pids []int) (time.Duration, error) {
	used, err := usageOf(pids)
	return used.cpu, err
}

// machineTime is the processor time that all of the machine has used, waiting for a disk
// aside and what its host took included; 0 where that is not told. It is told in
// hundredths of a second.
func machineTime() (used time.Duration) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	for i, field := range bytes.Fields(line) {
		// cpu user nice system idle iowait irq softirq steal ...
		if n, err := strconv.ParseInt(string(field), 10, 64); err == nil && i != 4 && i != 5 && i <= 8 {
			used += time.Duration(n) * 10 * time.Millisecond
		}
	}
	return used
}

// MemoryOf reads the memory of processes, all together.
func MemoryOf(pids []int) (sum Memory, err error) {
	for _, pid := range pids {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		if err != nil {
			return sum, fmt.Errorf("the memory of process %d: %w", pid, err)
		}
		sum.Resident += 1024 * numberAfter(text, "Rss:")
		sum.Anonymous += 1024 * numberAfter(text, "Anonymous:")
	}
	return sum, nil
}

// numberAfter finds a word at the beginning of a line, and reads the number behind it: 0
// if there is none.
func numberAfter(text []byte, word string) int64 {
	for line := range bytes.Lines(text) {
		if rest, found := bytes.CutPrefix(line, []byte(word)); found {
			fields := bytes.Fields(rest)
			if len(fields) > 0 {
				n, _ := strconv.ParseInt(string(fields[0]), 10, 64)
				return n
			}
		}
	}
	return 0
}

// cost is the difference of two readings over a time with so many replies.
func cost(before, after usage, memory Memory, seconds float64, replies uint64) Cost {
	c := Cost{CPU: (after.cpu - before.cpu).Seconds(), Resident: memory.Resident, Anonymous: memory.Anonymous}
	c.Cores = c.CPU / seconds
	if replies > 0 {
		c.CPUPerOp = c.CPU * 1e6 / float64(replies)
		c.Reads = float64(after.reads-before.reads) / float64(replies)
		c.Writes = float64(after.writes-before.writes) / float64(replies)
	}
	return c
}
