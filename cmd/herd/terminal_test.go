package main

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// pty is a terminal that is a test: what is written there is looked at, and what
// is typed comes from here.
type pty struct {
	master *os.File
	slave  *os.File

	mu    sync.Mutex
	shown strings.Builder
	ended chan struct{} // closed when nobody has the terminal open any more
}

func newPTY(t *testing.T, width, height int) *pty {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	p := &pty{master: master, slave: slave, ended: make(chan struct{})}
	p.resize(t, width, height)
	t.Cleanup(func() {
		_ = slave.Close() // closed before, where a process has it
		<-p.ended
		_ = master.Close()
		if t.Failed() {
			t.Logf("the terminal shows %q", p.text())
		}
	})
	go p.read()
	return p
}

func (p *pty) resize(t *testing.T, width, height int) {
	t.Helper()
	size := unix.Winsize{Col: uint16(width), Row: uint16(height)}
	if err := unix.IoctlSetWinsize(int(p.master.Fd()), unix.TIOCSWINSZ, &size); err != nil {
		t.Fatal(err)
	}
}

// read ends with EIO, once the terminal's other end is closed everywhere.
func (p *pty) read() {
	defer close(p.ended)
	buffer := make([]byte, 4096)
	for {
		n, err := p.master.Read(buffer)
		p.mu.Lock()
		p.shown.Write(buffer[:n])
		p.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (p *pty) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shown.String()
}

// last is what was shown since the screen was last written from its top.
func (p *pty) last() string {
	text := p.text()
	return text[max(0, strings.LastIndex(text, toTop)):]
}

func (p *pty) keyed(t *testing.T, keys string) {
	t.Helper()
	if _, err := p.master.WriteString(keys); err != nil {
		t.Fatal(err)
	}
}

func (p *pty) shows(t *testing.T, text string) {
	t.Helper()
	until(t, fmt.Sprintf("the terminal shows %q", text), func() bool {
		last := p.last()
		return strings.Contains(last, text) && strings.HasSuffix(last, clearBelow)
	})
}

// runOn starts the program with the terminal as its own.
func (p *pty) runOn(t *testing.T, dir string, environ []string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Dir, cmd.Env = dir, append(append(os.Environ(), "TERM=xterm", "NO_COLOR="), environ...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = p.slave, p.slave, p.slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // it has ended, as a rule
	return cmd
}

func (p *pty) flags(t *testing.T) uint32 {
	t.Helper()
	set, err := unix.IoctlGetTermios(int(p.slave.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return set.Lflag
}

// isAsBefore checks that the screen was taken and given back, and the flags too.
func (p *pty) isAsBefore(t *testing.T, flags uint32) {
	t.Helper()
	until(t, "the old screen is back", func() bool { return strings.HasSuffix(p.text(), oldScreen) })
	if !strings.HasPrefix(p.text(), ownScreen) {
		t.Error("it began on the old screen")
	}
	if after := p.flags(t); after != flags {
		t.Errorf("the terminal's flags were %x and are %x", flags, after)
	}
}

// The whole of herd top, with real servers, one of which is killed.
func TestTopOnATerminal(t *testing.T) {
	dir, _ := inDir(t, nil)
	up := start(t, dir, "up", "--restart=never")
	up.await(t, "The herd is up.")
	hill := strings.Fields(up.await(t, "Hill "))[1]
	p := newPTY(t, 120, 30)
	before := p.flags(t)
	top := p.runOn(t, dir, []string{"NO_COLOR=1"}, "top", "--interval", "100ms")
	p.shows(t, "5 of 5 servers reached")
	if p.flags(t)&(unix.ICANON|unix.ECHO) != 0 {
		t.Error("keys are shown, or wait for Enter")
	}
	kill := exec.Command("kill", "-KILL", hill)
	if err := kill.Run(); err != nil {
		t.Fatal(err)
	}
	p.shows(t, "4 of 5 servers reached")
	p.shows(t, "down: connection refused")
	p.keyed(t, "\x1b[C")
	p.shows(t, "server v")
	p.keyed(t, "r")
	p.shows(t, "server ^")
	p.resize(t, 40, 5)
	p.shows(t, "more lines below")
	for l := range strings.SplitSeq(strings.TrimPrefix(p.last(), toTop), "\r\n") {
		if text := strings.NewReplacer(clearLine, "", clearBelow, "").Replace(l); len(text) > 40 {
			t.Errorf("%d columns: %q", len(text), text)
		}
	}
	p.keyed(t, "q")
	if err := top.Wait(); err != nil {
		t.Errorf("q ends it with %v", err)
	}
	p.isAsBefore(t, before)
	if strings.Contains(p.text(), bold) {
		t.Error("there are colours, in spite of NO_COLOR")
	}
	up.signal(t, syscall.SIGINT)
	up.ends(t, 1) // Hill was killed
}

func TestSignalsEndTopAndGiveTheTerminalBack(t *testing.T) {
	dir, _ := inDir(t, nil)
	for name, end := range map[string]func(*pty, *exec.Cmd){
		"Ctrl-C":  func(p *pty, _ *exec.Cmd) { p.keyed(t, "\x03") },
		"Ctrl-\\": func(p *pty, _ *exec.Cmd) { p.keyed(t, "\x1c") },
		"SIGTERM": func(_ *pty, c *exec.Cmd) { _ = c.Process.Signal(syscall.SIGTERM) },
		"SIGHUP":  func(_ *pty, c *exec.Cmd) { _ = c.Process.Signal(syscall.SIGHUP) },
	} {
		t.Run(name, func(t *testing.T) {
			p := newPTY(t, 120, 20)
			before := p.flags(t)
			top := p.runOn(t, dir, nil, "top")
			p.shows(t, "0 of 5 servers reached")
			if !strings.Contains(p.last(), bold+red) {
				t.Error("there are no colours on a terminal")
			}
			p.keyed(t, "\x1a\x1b[C") // Ctrl-Z would leave the shell its screen
			p.shows(t, "server v")
			end(p, top)
			if err := top.Wait(); err != nil {
				t.Errorf("it ends with %v", err)
			}
			p.isAsBefore(t, before)
		})
	}
}

// A panic ends a program without what its other goroutines have deferred.
func TestAPanicGivesTheTerminalBack(t *testing.T) {
	t.Setenv("TERM", "xterm")
	p := newPTY(t, 80, 24)
	before := p.flags(t)
	screen, is := terminalOf(p.slave, p.slave)
	if !is {
		t.Fatal("it is no terminal")
	}
	if err := screen.begin(); err != nil {
		t.Fatal(err)
	}
	if p.flags(t) == before {
		t.Fatal("the terminal was not set up")
	}
	panics := lookout{timeout: deadline, now: func() time.Time { panic("no time") }, guard: screen.endOnPanic}
	ended := make(chan any)
	go func() {
		defer func() { ended <- recover() }()
		defer panics.guard()
		panics.now()
	}()
	if v := <-ended; v != "no time" {
		t.Errorf("it ends with %v", v)
	}
	p.isAsBefore(t, before)
}

func TestKeysAreToldApart(t *testing.T) {
	for _, test := range []struct {
		sent string
		want []string
	}{
		{"", nil},
		{"q", []string{"q"}},
		{"rq \t", []string{"r", "q", "space", "tab"}},
		{"\x1b[A\x1b[B\x1bOC\x1b[D", []string{"up", "down", "right", "left"}},
		{"\x1b[5~\x1b[6~x", []string{"page up", "page down", "x"}},
		{"\x1b[1;5Cq", []string{"\x1b[1;5C", "q"}},
		{"\x1b", []string{"\x1b"}},
		{"\x1bq", []string{"\x1b", "q"}},
		{"\x1b[", []string{"\x1b["}},
		{"\x1b[12", []string{"\x1b[12"}},
		{"\x1bO", []string{"\x1b", "O"}},
	} {
		if got := keysOf([]byte(test.sent)); !slices.Equal(got, test.want) {
			t.Errorf("%q is %q, want %q", test.sent, got, test.want)
		}
	}
}

func TestWhatIsNoTerminalIsNotTakenForOne(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	defer write.Close()
	p := newPTY(t, 80, 24)
	t.Setenv("TERM", "dumb")
	if _, is := terminalOf(p.slave, p.slave); is {
		t.Error("one that can do nothing is taken")
	}
	t.Setenv("TERM", "xterm")
	if _, is := terminalOf(p.slave, p.slave); !is {
		t.Error("a terminal is none")
	}
	if _, is := terminalOf(read, p.slave); is {
		t.Error("keys come from a pipe")
	}
	if _, is := terminalOf(p.slave, write); is {
		t.Error("a pipe is a screen")
	}
	if _, is := terminalOf(strings.NewReader(""), p.slave); is {
		t.Error("keys come from a text")
	}
	p.resize(t, 0, 0)
	screen, _ := terminalOf(p.slave, p.slave)
	if width, height := screen.size(); width != 80 || height != 24 {
		t.Errorf("one that does not know its size has %d by %d", width, height)
	}
}
