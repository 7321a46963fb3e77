package stage

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

// enclosed says in the environment that a process is in namespaces of its own.
const enclosed = "CHAOS_ENCLOSED"

// Enclosed reports whether this process has been started by Enclose, and so may
// change its network and its mounts as it likes.
func Enclosed() bool { return os.Getenv(enclosed) != "" }

// ErrNoNamespaces is a machine on which this process can make no namespaces: it
// needs root, or a kernel that lets everybody be root in a namespace.
var ErrNoNamespaces = errors.New("needs root, or user namespaces, to make network namespaces")

// Enclose runs this program once more, with the same arguments, in a network and a
// mount namespace of its own, and returns its exit code once it has ended. Signals
// that end programs are passed on. The error wraps ErrNoNamespaces; then nothing has
// been run.
func Enclose() (code int, err error) {
	program, err := os.Executable()
	if err != nil {
		return 0, err
	}
	c := exec.Command(program, os.Args[1:]...)
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	// What changes networks is where only root looks.
	c.Env = append(os.Environ(), enclosed+"=1", "PATH="+os.Getenv("PATH")+":/usr/sbin:/sbin")
	c.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS,
		Pdeathsig:  syscall.SIGTERM,
		Setpgid:    true, // Ctrl-C reaches it through us, once
	}
	if os.Geteuid() != 0 {
		asRoot(c.SysProcAttr)
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	if err := c.Start(); err != nil {
		return 0, fmt.Errorf("%w: %w", ErrNoNamespaces, err)
	}
	ended := make(chan struct{})
	go func() {
		for {
			select {
			case s := <-signals:
				_ = c.Process.Signal(s) // it may have ended just now
			case <-ended:
				return
			}
		}
	}()
	_ = c.Wait() // ProcessState has what it would say
	close(ended)
	if status, ok := c.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal()), nil
	}
	return c.ProcessState.ExitCode(), nil
}

// asRoot makes the user root of a user namespace, who may do there what follows.
func asRoot(a *syscall.SysProcAttr) {
	a.Cloneflags |= syscall.CLONE_NEWUSER
	a.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
	a.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
}
