package load

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// What a process's children use counts with it, while they run and when they have ended.
func TestAProcessCountsWithItsChildren(t *testing.T) {
	const much = 200 * time.Millisecond // more than a shell takes for itself
	for name, script := range map[string]string{
		"that run": "while :; do :; done & wait",
		// The built-in read waits until its input is closed.
		"that have ended": "(i=0; while [ $i -lt 3000000 ]; do i=$((i+1)); done); read line",
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command("sh", "-c", script)
			input, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				for _, child := range descendants(cmd.Process.Pid) {
					_ = unix.Kill(child, unix.SIGKILL)
				}
				_ = cmd.Process.Kill()
				input.Close()
				_ = cmd.Wait()
			})
			var used time.Duration
			again := time.NewTicker(5 * time.Millisecond)
			defer again.Stop()
			for late := time.After(time.Minute); used < much; {
				if used, err = ProcessorTime([]int{cmd.Process.Pid}); err != nil {
					t.Fatal(err)
				}
				select {
				case <-again.C:
				case <-late:
					t.Fatalf("after a minute it has used %v", used)
				}
			}
		})
	}
}

// Memory that processes share counts once for all of them.
func TestMemoryThatIsShared(t *testing.T) {
	pid := os.Getpid()
	m, err := MemoryOf([]int{pid})
	if err != nil {
		t.Fatal(err)
	}
	if m.Proportional <= 0 || m.Proportional > m.Resident || m.Anonymous > m.Resident {
		t.Errorf("%+v", m)
	}
}
