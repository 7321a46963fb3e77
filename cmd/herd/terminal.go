package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// terminal is a terminal whose whole screen is this program's, and whose keys come
// one by one.
type terminal struct {
	in, out *os.File
	usual   *unix.Termios // what it was set to before
}

// What a terminal of this century does, of which no other is left: another screen,
// from which end comes back to the old one, without a cursor, and where a line that
// is too long (some letters are as wide as two) does not go on in the next.
const (
	ownScreen  = "\x1b[?1049h\x1b[?25l\x1b[?7l"
	oldScreen  = "\x1b[?7h\x1b[?25h\x1b[?1049l"
	toTop      = "\x1b[H"
	clearLine  = "\x1b[K"
	clearBelow = "\x1b[J"
)

// terminalOf returns the terminal that in and out are, and false if they are not
// both one, or one that says that it can do nothing (TERM=dumb).
func terminalOf(in io.Reader, out io.Writer) (*terminal, bool) {
	inFile, isFile := in.(*os.File)
	if !isFile || !isTerminal(out) || os.Getenv("TERM") == "dumb" {
		return nil, false
	}
	usual, err := unix.IoctlGetTermios(int(inFile.Fd()), unix.TCGETS)
	if err != nil {
		return nil, false
	}
	return &terminal{in: inFile, out: out.(*os.File), usual: usual}, true
}

// begin takes the screen, which end must give back whatever happens. Keys are not
// shown and need no Enter. Ctrl-C stays a signal; Ctrl-Z is none, as a stopped
// program would leave the shell its screen.
func (t *terminal) begin() error {
	keys := *t.usual
	keys.Lflag &^= unix.ICANON | unix.ECHO
	keys.Cc[unix.VMIN], keys.Cc[unix.VTIME] = 1, 0
	keys.Cc[unix.VSUSP] = 0 // no character
	if err := unix.IoctlSetTermios(int(t.in.Fd()), unix.TCSETS, &keys); err != nil {
		return fmt.Errorf("setting the terminal up: %w", err)
	}
	if _, err := io.WriteString(t.out, ownScreen); err != nil {
		t.end()
		return fmt.Errorf("writing to the terminal: %w", err)
	}
	return nil
}

// end gives the screen back as it was. It cannot help an error: then the terminal
// is gone.
func (t *terminal) end() {
	_, _ = io.WriteString(t.out, oldScreen)
	_ = unix.IoctlSetTermios(int(t.in.Fd()), unix.TCSETS, t.usual)
}

// endOnPanic is deferred by every goroutine that works beside the screen: a panic of
// one ends the program without what the others have deferred.
func (t *terminal) endOnPanic() {
	if v := recover(); v != nil {
		t.end()
		panic(v)
	}
}

// size returns how many characters fit in a line, and how many lines. One that
// does not know is taken for the smallest that there ever was.
func (t *terminal) size() (width, height int) {
	size, err := unix.IoctlGetWinsize(int(t.out.Fd()), unix.TIOCGWINSZ)
	if err != nil || size.Col == 0 || size.Row == 0 {
		return 80, 24
	}
	return int(size.Col), int(size.Row)
}

// show puts lines on the screen, in one write.
func (t *terminal) show(text string) error {
	text = strings.ReplaceAll(text, "\n", clearLine+"\n")
	_, err := io.WriteString(t.out, toTop+text+clearLine+clearBelow)
	return err
}

// keyPatience is how long the end of the reading of keys may take to be noticed.
const keyPatience = 100 * time.Millisecond

// readKeys sends the names of the keys that are pressed until ctx is done or the
// terminal is gone, and then closes keys.
func (t *terminal) readKeys(ctx context.Context, keys chan<- string) {
	defer t.endOnPanic()
	defer close(keys)
	buffer := make([]byte, 256)
	for ctx.Err() == nil {
		// A read could not be told to end: what it waits for is a key.
		ready := []unix.PollFd{{Fd: int32(t.in.Fd()), Events: unix.POLLIN}}
		n, err := unix.Poll(ready, int(keyPatience/time.Millisecond))
		if n == 0 || errors.Is(err, unix.EINTR) {
			continue
		}
		if err == nil {
			n, err = t.in.Read(buffer)
		}
		if err != nil {
			return
		}
		for _, key := range keysOf(buffer[:n]) {
			select {
			case keys <- key:
			case <-ctx.Done():
				return
			}
		}
	}
}

// namedKeys are the keys that send more than their letter.
var namedKeys = map[string]string{
	"\x1b[A": "up", "\x1b[B": "down", "\x1b[C": "right", "\x1b[D": "left",
	"\x1bOA": "up", "\x1bOB": "down", "\x1bOC": "right", "\x1bOD": "left",
	"\x1b[5~": "page up", "\x1b[6~": "page down", "\t": "tab", " ": "space",
}

// keysOf names the keys in what a terminal sent. One that has no name is what it
// sends.
func keysOf(sent []byte) (keys []string) {
	for text := string(sent); text != ""; {
		n := keyLength(text)
		key := text[:n]
		if name := namedKeys[key]; name != "" {
			key = name
		}
		keys = append(keys, key)
		text = text[n:]
	}
	return keys
}

// keyLength is how many bytes the first key has sent: ESC [ with what follows up
// to a letter or "~", ESC O and a letter, or a byte.
func keyLength(text string) int {
	switch {
	case strings.HasPrefix(text, "\x1bO") && len(text) > 2:
		return 3
	case strings.HasPrefix(text, "\x1b["):
		for i := 2; i < len(text); i++ {
			if text[i] >= '@' && text[i] <= '~' {
				return i + 1
			}
		}
		return len(text)
	}
	return 1
}
