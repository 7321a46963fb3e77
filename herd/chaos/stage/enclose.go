package stage

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

// enclosed is in the environment of a process that Enclose has started: the name of
// the network namespace that it has left.
const enclosed = "CHAOS_ENCLOSED"

// space is the name of this process's network namespace.
func space() string {
	name, _ := os.Readlink("/proc/self/ns/net") // without a name there is none to leave
	return name
}

// Enclosed reports whether this process has been started by Enclose, and so may
// change its network and its mounts as it likes.
func Enclosed() bool {
	left := os.Getenv(enclosed)
	return left != "" && space() != "" && space() != left
}

// ErrNoNamespaces is a machine on which this process can make no namespaces: it
// needs root, or a kernel that lets everybody be root in a namespace.
var ErrNoNamespaces = errors.New("needs network namespaces: root, or user namespaces, and ip")

// Enclose runs this program once more, with the same arguments, in a network and a
// mount namespace of its own, and returns its exit code once it has ended. Signals
// that end programs are passed on. The error wraps ErrNoNamespaces; then nothing has
// been run.
func Enclose() (code int, err error) {
	// What changes networks is where only root looks.
	if err := os.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin:/sbin"); err != nil {
		return 0, err
	}
	if _, err := exec.LookPath("ip"); err != nil {
		return 0, fmt.Errorf("%w: %w (make chaos-install installs it)", ErrNoNamespaces, err)
	}
	program, err := os.Executable()
	if err != nil {
		return 0, err
	}
	c := exec.Command(program, os.Args[1:]...)
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	c.Env = append(os.Environ(), enclosed+"="+space())
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
