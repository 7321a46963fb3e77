package wirelog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sirupsen/logrus"
)

// What gnet asks of a logger, word for word.
type gnetLogger interface {
	Debugf(format string, args ...any)
	Infof(format string, args ...any)
	Warnf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

func TestLogrusEntriesBecomeEvents(t *testing.T) {
	d := newDisk()
	code := 0
	l := open(t, Options{Path: "log", Level: Debug, open: d.open, exit: func(c int) { code = c }})
	var logger gnetLogger = l.Logger()
	logger.Debugf("a %s", "debug")
	logger.Infof("an %s", "info")
	logger.Warnf("a %s", "warning")
	logger.Errorf("an %s", "error")
	l.Logger().Trace("too quiet")
	l.Logger().WithError(errFull).WithField("b", 2).Info("fields")
	logger.Fatalf("the %s", "end")

	var got []string
	for _, e := range entries(t, d.String()) {
		got = append(got, fmt.Sprint(e.Level, " ", string(e.Text)))
	}
	want := []string{"debug a debug", "info an info", "warn a warning", "error an error", "info fields", "error the end"}
	if !slices.Equal(got, want) {
		t.Errorf("the events are %q, want %q", got, want)
	}
	if !strings.Contains(d.String(), `"fields" b=2 error="no space left on device"`) {
		t.Errorf("the fields are missing:\n%s", d)
	}
	// Fatal had written everything before it left the program.
	if code != 1 || d.closed != 1 {
		t.Errorf("exit code %d, the file closed %d times", code, d.closed)
	}
}

func TestValuesAreTakenWhenTheEventHappens(t *testing.T) {
	d := newDisk()
	l := open(t, Options{Path: "log", open: d.open})
	buffer := []byte("then")
	list := []int{1, 2}
	free := d.jam()
	defer free()
	l.Event(noon, Info, "values", F("buffer", buffer), F("list", list), F("int", -3), F("int64", int64(-4)),
		F("uint64", uint64(5)), F("bool", true), F("error", errFull), F("wait", 1500*time.Millisecond), F("nil", nil))
	copy(buffer, "now!")
	list[0] = 9
	free()
	flush(t, l)
	want := `"values" bool=true buffer=then error="no space left on device" int=-3 int64=-4 list="[1 2]" nil=<nil> uint64=5 wait=1.5s`
	if got := d.String(); !strings.Contains(got, want) {
		t.Errorf("the event is %swant %s", got, want)
	}
}

func TestALargeEventIsCut(t *testing.T) {
	d := newDisk()
	l := open(t, Options{Path: "log", open: d.open})
	l.Event(noon, Info, "large", F("stack", strings.Repeat("s", maxEvent)), F("last", "x"))
	l.Event(noon, Info, strings.Repeat("m", 2*maxEvent))
	flush(t, l)
	all := entries(t, d.String())
	if len(all) != 2 {
		t.Fatalf("%d records, want 2", len(all))
	}
	if stack := all[0].Field("stack"); len(stack) < maxEvent-100 || !strings.HasSuffix(stack, "s"+cutMark) {
		t.Errorf("the stack has %d bytes and ends in %q", len(stack), stack[len(stack)-10:])
	}
	if text := string(all[1].Text); len(text) > maxEvent || !strings.HasSuffix(text, "m"+cutMark) {
		t.Errorf("the message has %d bytes", len(text))
	}
}

func TestLevelsHaveWords(t *testing.T) {
	for v := Trace; v <= Error; v++ {
		if back, err := ParseLevel(v.String()); err != nil || back != v {
			t.Errorf("%s is read as %s, %v", v, back, err)
		}
		if back := fromLogrus(toLogrus(v)); back != v {
			t.Errorf("%s through logrus is %s", v, back)
		}
	}
	if got := fromLogrus(logrus.PanicLevel); got != Error {
		t.Errorf("a panic is %s", got)
	}
	if _, err := ParseLevel("loud"); !errors.Is(err, ErrOptions) || !strings.Contains(err.Error(), "trace, debug, info, warn, error") {
		t.Errorf("the level loud: %v", err)
	}
	if got := Level(7).String(); got != "level(7)" {
		t.Errorf("a level out of range is %s", got)
	}
}

func TestTheEchoHearsEventsAndNoLines(t *testing.T) {
	d := newDisk()
	var heard bytes.Buffer
	l, err := Open(Options{Path: "log", Lines: true, Echo: &heard, open: d.open})
	if err != nil {
		t.Fatal(err)
	}
	c := l.Conn(Client, called("c"), noon)
	l.In(c, []byte("IAMAT\n"), noon)
	l.Event(noon, Info, "listening")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if got, want := heard.String(), "2012-11-21T12:00:00.065123Z ! info \"listening\"\n"; got != want {
		t.Errorf("heard %q, want %q", got, want)
	}
}

func TestAStoppedTerminalDoesNotStopTheFile(t *testing.T) {
	d := newDisk()
	read, write := io.Pipe() // nobody reads
	l, err := Open(Options{Path: "log", Echo: write, open: d.open})
	if err != nil {
		t.Fatal(err)
	}
	const events = 2 * maxEchoes
	for i := range events {
		l.Event(noon, Info, fmt.Sprint(i))
	}
	flush(t, l)
	if n := len(entries(t, d.String())); n != events {
		t.Errorf("%d events in the file, want %d", n, events)
	}
	before := l.Stats().EchoDropped
	// One echo may be on its way into the pipe beside those that wait.
	if before < events-maxEchoes-1 || before > events-maxEchoes {
		t.Errorf("%d echoes dropped of %d", before, events)
	}
	if err := read.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}
