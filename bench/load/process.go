package load

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// Memory is what a process holds, in bytes.
type Memory struct {
	Resident  int64 `json:"resident"`
	Anonymous int64 `json:"anonymous"` // no file's, and not shared, so the process's own

	// Proportional is what is resident, but of a page that several processes share
	// only a part for each: what all of them take together.
	Proportional int64 `json:"proportional"`
}

// ProcessorTime is what processes and their children have used so far, all together. It
// takes some 10 us each.
func ProcessorTime(pids []int) (sum time.Duration, err error) {
	for _, pid := range pids {
		own, err := processorTime(pid)
		if err != nil {
			return sum, err
		}
		sum += own
		for _, child := range descendants(pid) {
			if own, err := processorTime(child); err == nil { // else it has ended since
				sum += own
			}
		}
	}
	return sum, nil
}

// processorTime is what a process has used, and those of its children that have ended.
func processorTime(pid int) (time.Duration, error) {
	// The clock of another process: clock_getcpuclockid(3).
	const ofProcess = 2
	var spent unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|ofProcess), &spent); err != nil {
		return 0, fmt.Errorf("the processor time of process %d: %w", pid, err)
	}
	return time.Duration(spent.Nano()) + endedChildren(pid), nil
}

// endedChildren is the processor time of the children that a process has waited for, in
// hundredths of a second; 0 where that is not told.
func endedChildren(pid int) (used time.Duration) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	// A program's name may have blanks in it: what follows begins behind its bracket.
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	const user, system = 13, 14 // of them, from the state on
	for i := user; i <= system && i < len(fields); i++ {
		if n, err := strconv.ParseInt(string(fields[i]), 10, 64); err == nil {
			used += time.Duration(n) * hundredth
		}
	}
	return used
}

// descendants are a process's children and theirs, as a database has one for each of its
// connections; those that its first thread has made. None, where the system does not tell.
func descendants(pid int) (all []int) {
	for parents := []int{pid}; len(parents) > 0; {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", parents[0]))
		parents = parents[1:]
		if err != nil {
			continue
		}
		for field := range bytes.FieldsSeq(text) {
			if child, err := strconv.Atoi(string(field)); err == nil {
				parents, all = append(parents, child), append(all, child)
			}
		}
	}
	return all
}

// hundredth is what the system counts time in where it has no clock for it.
const hundredth = 10 * time.Millisecond

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
			used += time.Duration(n) * hundredth
		}
	}
	return used
}

// MemoryOf reads the memory of processes and their children, all together.
func MemoryOf(pids []int) (sum Memory, err error) {
	for _, pid := range pids {
		if err := sum.add(pid); err != nil {
			return sum, fmt.Errorf("the memory of process %d: %w", pid, err)
		}
		for _, child := range descendants(pid) {
			_ = sum.add(child) // it may have ended since
		}
	}
	return sum, nil
}

func (m *Memory) add(pid int) error {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return err
	}
	m.Resident += 1024 * numberAfter(text, "Rss:")
	m.Anonymous += 1024 * numberAfter(text, "Anonymous:")
	m.Proportional += 1024 * numberAfter(text, "Pss:")
	return nil
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

// cost is the processor time of a time with so many replies.
func cost(used time.Duration, memory Memory, seconds float64, replies uint64) Cost {
	c := Cost{
		CPU: used.Seconds(), Resident: memory.Resident, Anonymous: memory.Anonymous, Proportional: memory.Proportional,
	}
	c.Cores = c.CPU / seconds
	if replies > 0 {
		c.CPUPerOp = c.CPU * 1e6 / float64(replies)
	}
	return c
}
