package stage

import (
	"fmt"
	"os"
	"syscall"
)

// A disk has this much room while nobody makes it smaller. Only what is written
// takes memory.
const roomyDisk = "size=2g"

// mountDisk gives a server's log, or its journal, a disk of its own.
func mountDisk(dir string) error {
	return together(os.MkdirAll(dir, 0o755), mount(dir, "tmpfs", 0, roomyDisk))
}

// unmount takes a disk away, and leaves what was on it in its place if that is wanted.
func unmount(dir string, keep bool) error {
	kept := dir + ".kept"
	if keep {
		if err := os.CopyFS(kept, os.DirFS(dir)); err != nil {
			return err
		}
	}
	// Whoever still has something open there does not hold it up.
	if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
		return fmt.Errorf("unmounting %s: %w", dir, err)
	}
	if keep {
		if err := os.Remove(dir); err != nil {
			return err
		}
		return os.Rename(kept, dir)
	}
	return nil
}

// FillLog leaves a server's log no more room than it has taken already, until undo is
// called.
func (s *Stage) FillLog(server string) (undo func() error, err error) {
	return fill(s.logDir(server))
}

// FillJournal is FillLog for its journal.
func (s *Stage) FillJournal(server string) (undo func() error, err error) {
	return fill(s.journalDir(server))
}

func fill(dir string) (undo func() error, err error) {
	// What is written goes on growing between the look and the change: then there is less
	// room than is taken, which is refused, and we look again.
	for range 50 {
		var st syscall.Statfs_t
		if err = syscall.Statfs(dir, &st); err != nil {
			return nil, err
		}
		taken := (st.Blocks - st.Bfree) * uint64(st.Bsize)
		if err = mount(dir, "", syscall.MS_REMOUNT, fmt.Sprintf("size=%d", taken)); err == nil {
			return func() error { return mount(dir, "", syscall.MS_REMOUNT, roomyDisk) }, nil
		}
	}
	return nil, err
}
