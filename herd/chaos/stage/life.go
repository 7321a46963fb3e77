package stage

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Life is a server's process, from its start to its end. What a server has received
// is gone with it, unless it keeps a journal.
type Life struct {
	Number int // of all lives; later ones have larger numbers
	Server string
	Start  time.Time // before the process was there

	cmd   *exec.Cmd
	ready chan struct{} // closed when it serves
	done  chan struct{} // closed when it has ended
	ends  bool          // somebody wants it to end
}

// Pid is the process's.
func (l *Life) Pid() int { return l.cmd.Process.Pid }

// Ready is closed when the server serves. It never is if it ends before.
func (l *Life) Ready() <-chan struct{} { return l.ready }

// Done is closed when the process has ended.
func (l *Life) Done() <-chan struct{} { return l.done }

// Start gives a server a new life. It must have none. With files above 0 the process
// may open so many.
func (s *Stage) Start(name string, files int) (*Life, error) {
	command := []string{s.settings.Binary, "serve", name, "--config", s.configPath(name)}
	if files > 0 {
		command = append([]string{"sh", "-c", fmt.Sprintf(`ulimit -n %d && exec "$@"`, files), "sh"}, command...)
	}
	line := s.ground.in(name, s.withHosts(name, command)...)
	said, err := os.OpenFile(filepath.Join(s.settings.Dir, name+".out"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	l := &Life{Server: name, cmd: exec.Command(line[0], line[1:]...), ready: make(chan struct{}), done: make(chan struct{})}
	l.cmd.Stdout, l.cmd.Stderr = &readyWatch{ready: l.ready}, said
	// It must not outlive us, nor be ended by a Ctrl-C that is meant for us.
	l.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	l.cmd.Env = plainEnvironment()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lives[name] != nil {
		_ = said.Close() // nothing was written
		return nil, fmt.Errorf("%s runs already", name)
	}
	l.Start = time.Now()
	if err := l.cmd.Start(); err != nil {
		_ = said.Close() // nothing was written
		return nil, err
	}
	s.number++
	l.Number = s.number
	s.lives[name] = l
	go s.bury(l, said)
	return l, nil
}

// plainEnvironment is this process's, less what the servers would take for settings.
func plainEnvironment() (list []string) {
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "HERD_") {
			list = append(list, variable)
		}
	}
	return list
}

// bury waits for the end of a life.
func (s *Stage) bury(l *Life, said *os.File) {
	err := l.cmd.Wait()
	_ = said.Close() // what the server has said is in it, or is not missed
	s.mu.Lock()
	if !l.ends {
		s.wrong = append(s.wrong, fmt.Sprintf("%s ended by itself: %v; see %s", l.Server, err, said.Name()))
	}
	if s.lives[l.Server] == l {
		delete(s.lives, l.Server)
	}
	s.mu.Unlock()
	close(l.done)
}

// Life returns the present life of a server, nil while it has none.
func (s *Stage) Life(name string) *Life {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lives[name]
}

// Kill ends a server's life by SIGKILL, if it has one, and returns once it is over.
func (s *Stage) Kill(name string) {
	if l := s.toEnd(name); l != nil {
		_ = l.cmd.Process.Kill() // it may have ended just now
		<-l.done
	}
}

// Term ends a server's life in order, if it has one, within a bound. The error says
// that it did not end, or not with the code 0.
func (s *Stage) Term(name string, bound time.Duration) error {
	l := s.toEnd(name)
	if l == nil {
		return nil
	}
	_ = l.cmd.Process.Signal(syscall.SIGTERM) // it may have ended just now
	timer := time.NewTimer(bound)
	defer timer.Stop()
	select {
	case <-l.done:
	case <-timer.C:
		_ = l.cmd.Process.Kill()
		<-l.done
		return fmt.Errorf("%s has not ended within %v of SIGTERM", name, bound)
	}
	if code := l.cmd.ProcessState.ExitCode(); code != 0 {
		return fmt.Errorf("%s ended with %v after SIGTERM, want exit code 0", name, l.cmd.ProcessState)
	}
	return nil
}

// Signal sends a signal to a server, if it runs.
func (s *Stage) Signal(name string, signal syscall.Signal) {
	if l := s.Life(name); l != nil {
		_ = l.cmd.Process.Signal(signal) // it may have ended just now
	}
}

// toEnd marks a life as one that somebody wants to end.
func (s *Stage) toEnd(name string) *Life {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lives[name]
	if l != nil {
		l.ends = true
	}
	return l
}

// Wrong notes something that no fault explains.
func (s *Stage) Wrong(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wrong = append(s.wrong, fmt.Sprintf(format, args...))
}

// Wrongs returns what no fault explains, so far.
func (s *Stage) Wrongs() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.wrong...)
}

// readyWatch takes a server's standard output, on which it says that it is ready and
// nothing else.
type readyWatch struct {
	ready chan struct{}
	once  sync.Once
}

func (w *readyWatch) Write(text []byte) (int, error) {
	if bytes.HasPrefix(text, []byte("ready ")) {
		w.once.Do(func() { close(w.ready) })
	}
	return len(text), nil
}
