package load

import (
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// poll is an epoll: which connections can be read or written. Calls that cannot wait are
// made past the scheduler of Go, which would charge each as much as the kernel.
type poll struct {
	fd     int
	events [512]unix.EpollEvent
}

func newPoll() (*poll, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("an epoll: %w", err)
	}
	return &poll{fd: fd}, nil
}

// watch waits for a connection, which wait names by number: for room to write too, if
// out is set.
func (p *poll) watch(op, fd, number int, out bool) error {
	e := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(number)}
	if out {
		e.Events |= unix.EPOLLOUT
	}
	if err := unix.EpollCtl(p.fd, op, fd, &e); err != nil {
		return fmt.Errorf("epoll_ctl: %w", err)
	}
	return nil
}

// wait returns what can be done: at once, or within so many milliseconds. An interrupted
// wait returns nothing.
func (p *poll) wait(milliseconds int) ([]unix.EpollEvent, error) {
	if milliseconds == 0 {
		n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(p.fd), uintptr(unsafe.Pointer(&p.events[0])), uintptr(len(p.events)), 0, 0, 0)
		return p.result(int(n), errno)
	}
	n, err := unix.EpollWait(p.fd, p.events[:], milliseconds)
	errno, _ := err.(unix.Errno)
	return p.result(n, errno)
}

// waitFor is wait for a time that may be a part of a millisecond, which the kernel keeps
// to within some 50 us.
func (p *poll) waitFor(d time.Duration) ([]unix.EpollEvent, error) {
	until := unix.NsecToTimespec(int64(max(d, 0)))
	n, _, errno := unix.Syscall6(unix.SYS_EPOLL_PWAIT2, uintptr(p.fd), uintptr(unsafe.Pointer(&p.events[0])), uintptr(len(p.events)),
		uintptr(unsafe.Pointer(&until)), 0, 0)
	if errno == unix.ENOSYS { // before Linux 5.11
		return p.wait(int(d / time.Millisecond))
	}
	return p.result(int(n), errno)
}

func (p *poll) result(n int, errno unix.Errno) ([]unix.EpollEvent, error) {
	switch errno {
	case 0:
		return p.events[:n], nil
	case unix.EINTR:
		return nil, nil
	}
	return nil, fmt.Errorf("epoll_wait: %w", errno)
}

func read(fd int, b []byte) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
	return int(n), errno
}

func write(fd int, b []byte) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall(unix.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
	return int(n), errno
}
