//go:build linux

package gnetreactor

import (
	"os"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// restEvery is how long a busy loop goes on while jobs of CallInThread are under way and
// Go has one P. A rest is three system calls, and the time of whoever can run.
const restEvery = 200 * time.Microsecond

// yieldEvery is how long it goes on otherwise. A log's writer, or whoever else can run,
// then has its work in small pieces, and not 10 ms of it in one, for which the loop stands
// still, and of which nothing is left in the processor's cache.
const yieldEvery = time.Millisecond

// rest lets other goroutines run for a moment. A loop whose batches follow each other never
// blocks, so that on one P the others have it when the scheduler takes it away, every 10
// ms, and Go's own poller, on which the sockets of jobs wait, is asked as seldom. Twisted's
// threads have the processor from the system, and need none of this.
//
// Gosched would not do for those: the scheduler takes the loop back before it asks that
// poller. So the loop waits on that poller itself, for a descriptor that is ready. Then all
// who can run do so first, and the next to be asked is the poller.
type rest struct {
	file  *os.File // an eventfd; nil before the first rest
	conn  syscall.RawConn
	read  func(fd uintptr) bool
	ready bool // it has been written to
	last  time.Time

	taken, yields uint64 // so far
}

// letOthersRun has others run for a moment, if the loop is busy and alone on its P.
func (r *Reactor) letOthersRun() {
	// Where events come alone, the loop waits for them and is not busy.
	if r.pace.lonely > 0 {
		return
	}
	working, every := r.pool.Working(), yieldEvery
	if working {
		every = restEvery
	}
	now := r.Seconds()
	if now.Sub(r.rest.last) < every {
		return
	}
	// Noted also where there are more Ps: asking for their number takes the scheduler's
	// lock, which is not for each turn.
	r.rest.last = now
	if runtime.GOMAXPROCS(0) > 1 {
		return
	}
	if working {
		r.rest.take()
	} else {
		r.rest.yield()
	}
	r.nowKnown = false
}

// yield has those run who can run already.
func (p *rest) yield() {
	p.yields++
	runtime.Gosched()
}

// take rests. Without a descriptor to be had there is none.
func (p *rest) take() {
	if p.file == nil && !p.open() {
		return
	}
	p.taken++
	p.ready = false
	_ = p.conn.Read(p.read) // the file is open, and has no deadline
}

func (p *rest) open() bool {
	fd, err := unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC)
	if err != nil {
		return false
	}
	p.file = os.NewFile(uintptr(fd), "rest")
	if p.conn, err = p.file.SyscallConn(); err != nil {
		p.close()
		return false
	}
	var count [8]byte
	p.read = func(fd uintptr) bool {
		if p.ready {
			_, _ = unix.Read(int(fd), count[:]) // whatever it says, the rest is over
			return true
		}
		p.ready = true
		_, err := unix.Write(int(fd), one)
		return err != nil // else come back when it can be read
	}
	return true
}

func (p *rest) close() {
	if p.file != nil {
		_ = p.file.Close()
		p.file = nil
	}
}
