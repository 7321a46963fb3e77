package load

import (
	"fmt"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// threadTime is the processor time of this thread, processTime that of this process.
func threadTime() time.Duration  { return ownTime(unix.RUSAGE_THREAD) }
func processTime() time.Duration { return ownTime(unix.RUSAGE_SELF) }

func ownTime(who int) time.Duration {
	var usage unix.Rusage
	if err := unix.Getrusage(who, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// onThread runs f on a thread of its own, on one core if cpu is not negative.
func onThread(cpu int, f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // for good: the thread ends with the goroutine
		if cpu >= 0 {
			var set unix.CPUSet
			set.Set(cpu)
			if err := unix.SchedSetaffinity(0, &set); err != nil {
				done <- fmt.Errorf("running on core %d: %w", cpu, err)
				return
			}
		}
		done <- f()
	}()
	return <-done
}
