package stage

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// FewFiles lets a server that runs open only so many more descriptors than it has
// open, until undo is called. A server that is down is left alone.
func (s *Stage) FewFiles(server string, more int) (undo func() error, err error) {
	l := s.Life(server)
	if l == nil {
		return func() error { return nil }, nil
	}
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", l.Pid()))
	if err != nil {
		return nil, err
	}
	var before unix.Rlimit
	if err := unix.Prlimit(l.Pid(), unix.RLIMIT_NOFILE, nil, &before); err != nil {
		return nil, err
	}
	few := unix.Rlimit{Cur: uint64(len(open) + more), Max: before.Max}
	if err := unix.Prlimit(l.Pid(), unix.RLIMIT_NOFILE, &few, nil); err != nil {
		return nil, err
	}
	return func() error { return unix.Prlimit(l.Pid(), unix.RLIMIT_NOFILE, &before, nil) }, nil
}
