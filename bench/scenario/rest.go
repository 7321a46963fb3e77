package scenario

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"proxyherd/bench/load"
)

// Resting is what a server takes that nobody asks anything.
type Resting struct {
	Start   float64     `json:"start"`   // milliseconds from its start to its first answer, to 5 ms
	Program int64       `json:"program"` // bytes of the file that runs
	Memory  load.Memory `json:"memory"`  // after that answer and a while
	Seconds float64     `json:"seconds"` // of that while
	CPU     float64     `json:"cpu"`     // processor seconds in it
}

// startPatience is how long a first answer may take.
const startPatience = 30 * time.Second

// rest has a server that was just started answer once, and watches it for a while.
func (r *run) rest(ctx context.Context, began time.Time) (*Resting, error) {
	if err := firstAnswer(r.servers[0].Address); err != nil {
		return nil, err
	}
	seen := &Resting{Start: float64(time.Since(began).Microseconds()) / 1e3}
	pids := r.servers[0].PIDs()
	program, err := os.Stat(fmt.Sprintf("/proc/%d/exe", r.servers[0].PID))
	if err != nil {
		return nil, fmt.Errorf("the program of process %d: %w", r.servers[0].PID, err)
	}
	seen.Program = program.Size()
	before, err := load.ProcessorTime(pids)
	if err != nil {
		return nil, err
	}
	from := time.Now()
	select {
	case <-time.After(time.Duration(r.scenario.duration)):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	after, err := load.ProcessorTime(pids)
	if err != nil {
		return nil, err
	}
	seen.Seconds, seen.CPU = time.Since(from).Seconds(), (after - before).Seconds()
	seen.Memory, err = load.MemoryOf(pids)
	return seen, err
}

// firstAnswer reports one client and waits for the answer.
func firstAnswer(address string) error {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(startPatience)); err != nil {
		return err
	}
	if _, err := io.WriteString(conn, "IAMAT first.load.test +34.068930-118.445127 1479413884.392014450\n"); err != nil {
		return err
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && line[0] != 'A' {
		err = fmt.Errorf("%w: %q", load.ErrNoReply, line)
	}
	return err
}
