package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"proxyherd/herd"
)

// Reports of noon, as server Farmar took them, and what its log says of them.
func atLine(id string, second int) string {
	return fmt.Sprintf("AT Farmar +0.000000000 %s +1+2 %d.000000000", id, noon.Unix()+int64(second))
}

func logged(second int, what, text string) string {
	at := noon.Add(time.Duration(second) * time.Second)
	return fmt.Sprintf("%s %s %q\n", at.Format(logTime), what, text)
}

// logs are the logs of a herd of two on one machine.
type logs struct {
	t   *testing.T
	dir string
	out bytes.Buffer
	err bytes.Buffer
	run *watchRun
}

func newLogs(t *testing.T, change func(*watchRun)) *logs {
	t.Helper()
	l := &logs{t: t, dir: t.TempDir()}
	l.run = &watchRun{out: &l.out, warn: &l.err}
	if change != nil {
		change(l.run)
	}
	return l
}

func (l *logs) path(server string) string { return filepath.Join(l.dir, server+".log") }

func (l *logs) add(server string, text ...string) {
	l.t.Helper()
	file, err := os.OpenFile(l.path(server), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = file.WriteString(strings.Join(text, ""))
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		l.t.Fatal(err)
	}
}

func (l *logs) begin() {
	l.t.Helper()
	config := herd.Default()
	config.Servers = config.Servers[:2]
	config.Log.Dir = l.dir
	if err := l.run.begin(config); err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() {
		for _, tail := range l.run.tails {
			tail.close()
		}
	})
}

// told is what is told up to a second after noon, each line without its date.
func (l *logs) told(second int) (list []string) {
	l.t.Helper()
	l.out.Reset()
	if err := l.run.merge(l.t.Context(), noon.Add(time.Duration(second)*time.Second)); err != nil {
		l.t.Fatal(err)
	}
	for text := range strings.Lines(l.out.String()) {
		list = append(list, strings.TrimSuffix(text, "\n")[len("2016-11-17T12:"):])
	}
	return list
}

func (l *logs) tells(second int, want ...string) {
	l.t.Helper()
	if got := l.told(second); !slices.Equal(got, want) {
		l.t.Errorf("up to second %d it tells %q, want %q", second, got, want)
	}
}

func TestUpdatesAreToldOnceInTheOrderOfTime(t *testing.T) {
	l := newLogs(t, nil)
	l.add("Farmar", logged(-5, "> client#1", atLine("old", -5)))
	l.add("Gasol", "")
	l.begin()
	l.tells(100)
	l.add("Gasol", logged(2, "< peer#1=Meeks", atLine("a", 1)), logged(4, "< peer#1=Meeks", atLine("b", 3)))
	l.add("Farmar",
		logged(1, "< client#7", "IAMAT a +1+2 1"), logged(1, "> client#7", atLine("a", 1)), logged(1, "> peer#1=Meeks", atLine("a", 1)),
		logged(3, "> client#7", atLine("b", 3)), logged(5, "> client#7", atLine("c", 5)))
	l.tells(4, "00:01.000000Z Farmar "+atLine("a", 1), "00:03.000000Z Farmar "+atLine("b", 3))
	l.add("Farmar", logged(6, "> client#7", atLine("a", 6)))
	l.tells(9, "00:05.000000Z Farmar "+atLine("c", 5), "00:06.000000Z Farmar "+atLine("a", 6))
	l.tells(9)
}

func TestWithEachAnUpdateTravels(t *testing.T) {
	l := newLogs(t, func(w *watchRun) { w.each, w.id = true, "a" })
	l.add("Farmar", "")
	l.add("Gasol", "")
	l.begin()
	l.add("Farmar", logged(1, "> client#7", atLine("a", 1)), logged(1, "> client#7", atLine("b", 1)), logged(3, "< peer#9=Young", atLine("a", 1)))
	l.add("Gasol", logged(2, "< peer#1=Meeks", atLine("a", 1)), logged(2, "< peer#2=Young", atLine("a", 1)))
	l.tells(9, "00:01.000000Z Farmar "+atLine("a", 1), "00:02.000000Z Gasol "+atLine("a", 1))
}

func TestWhatIsNoUpdateIsPassedOver(t *testing.T) {
	l := newLogs(t, nil)
	l.add("Farmar", "")
	l.begin()
	l.add("Farmar",
		logged(1, "> client#7", atLine("a", -60)),                                     // an answer to a WHATSAT
		logged(1, "> client#7", strings.Replace(atLine("a", 1), "Farmar", "Hill", 1)), // that of another's
		logged(1, "< client#7", atLine("a", 1)),                                       // a client's, which is none
		logged(1, "> peer#1=Meeks", atLine("b", 1)),
		logged(1, "< peer#1=Meeks", "AT Farmar and more"),
		strings.TrimSuffix(logged(1, "< peer#1=Meeks", atLine("c", 1)), "\n")+" cut\n",
		logged(1, "+ peer#1", "127.0.0.1:5"),
		`2016-11-17T12:00:01.000000Z ! info "server started"`+"\n",
		"a torn record\n", "\n", strings.Repeat("x", 2*longestRecord)+"\n",
		logged(2, "< peer#1=Meeks", atLine("d", 2)),
		logged(3, "< peer#1=Meeks", atLine("d", 1)), // older than what was told
	)
	l.tells(9, "00:02.000000Z Farmar "+atLine("d", 2))
}

func TestAPieceOfARecordWaitsForItsEnd(t *testing.T) {
	l := newLogs(t, nil)
	l.add("Farmar", "the end of someth")
	l.begin()
	text := logged(1, "< peer#1=Meeks", atLine("a", 1))
	l.add("Farmar", "ing\n", text[:40])
	l.tells(9)
	l.add("Farmar", text[40:])
	l.tells(9, "00:01.000000Z Farmar "+atLine("a", 1))
}

func TestLogsThatAreRotatedOrComeLaterAreFollowed(t *testing.T) {
	l := newLogs(t, nil)
	l.add("Farmar", "")
	l.begin()
	if want := "Gasol.log (is Gasol on another machine, or not started yet?)"; !strings.Contains(l.err.String(), want) {
		t.Errorf("it warns of %q", l.err.String())
	}
	l.add("Farmar", logged(1, "< peer#1=Meeks", atLine("a", 1)))
	if err := os.Rename(l.path("Farmar"), l.path("Farmar")+".1"); err != nil {
		t.Fatal(err)
	}
	l.tells(9, "00:01.000000Z Farmar "+atLine("a", 1)) // there is no new one yet
	file, err := os.OpenFile(l.path("Farmar")+".1", os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = io.WriteString(file, logged(2, "< peer#1=Meeks", atLine("b", 2)))
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	l.add("Farmar", logged(3, "< peer#1=Meeks", atLine("c", 3)))
	l.add("Gasol", logged(4, "< peer#1=Meeks", atLine("d", 4)))
	l.tells(9, "00:02.000000Z Farmar "+atLine("b", 2), "00:03.000000Z Farmar "+atLine("c", 3), "00:04.000000Z Gasol "+atLine("d", 4))
	if err := os.Truncate(l.path("Gasol"), 0); err != nil {
		t.Fatal(err)
	}
	l.add("Gasol", logged(5, "> client#1", "?"))
	l.tells(9)
	l.add("Gasol", logged(6, "< peer#1=Meeks", atLine("e", 6)))
	l.tells(9, "00:06.000000Z Gasol "+atLine("e", 6))
}

func TestWhatIsInTheLogsIsPrintedOnce(t *testing.T) {
	dir := t.TempDir()
	l := &logs{t: t, dir: dir}
	l.add("Farmar", logged(1, "> client#7", atLine("a\x1b[2J\u202e", 1)), logged(2, "> client#7", atLine("b", 2)))
	got := herdIn(t, dir, "watch", "--once", "--log", dir)
	want := "2016-11-17T12:00:01.000000Z Farmar " + atLine(`a\x1b[2J\u202e`, 1) + "\n2016-11-17T12:00:02.000000Z Farmar " + atLine("b", 2) + "\n"
	if got.code != exitOK || got.out != want || strings.Count(got.err, "herd: warning: there is no ") != 4 {
		t.Errorf("%+v, want\n%s", got, want)
	}
	got = herdIn(t, dir, "watch", "--once", "--json", "--log", dir, "b")
	var line told
	if err := json.UnmarshalFromString(got.out, &line); err != nil || strings.Count(got.out, "\n") != 1 {
		t.Fatalf("%+v: %v", got, err)
	}
	if want := (told{"2016-11-17T12:00:02.000000Z", "Farmar", "Farmar", "b", "+1+2", fmt.Sprint(noon.Unix()+2) + ".000000000", atLine("b", 2)}); line != want {
		t.Errorf("%+v, want %+v", line, want)
	}
	if got := herdIn(t, dir, "watch", "--once"); got.code != exitFailed || !strings.Contains(got.err, "there is no log to read in logs") {
		t.Errorf("without logs: %+v", got)
	}
	if got := herdIn(t, dir, "watch", "--set", "log.lines=false"); got.code != exitUsage || !strings.Contains(got.err, "set log.lines to true") {
		t.Errorf("without lines: %+v", got)
	}
}

func TestWhatIsTooMuchToRememberIsToldAllTheSame(t *testing.T) {
	usual := watchRoom
	defer func() { watchRoom = usual }()
	watchRoom = herd.Room{Records: 1, Bytes: 1 << 20}
	l := newLogs(t, nil)
	l.add("Farmar", "")
	l.begin()
	for range 2 {
		l.add("Farmar", logged(1, "< peer#1=Meeks", atLine("a", 1)), logged(1, "< peer#1=Meeks", atLine("b", 1)))
	}
	b := "00:01.000000Z Farmar " + atLine("b", 1)
	l.tells(9, "00:01.000000Z Farmar "+atLine("a", 1), b, b)
	if strings.Count(l.err.String(), "there are more than 1 clients") != 1 {
		t.Errorf("it warns of %q", l.err.String())
	}
}

// The whole of it: a herd at work, and one who watches a client move through it.
func TestAClientIsFollowedThroughTheHerd(t *testing.T) {
	dir, config := inDir(t, nil)
	up := start(t, dir, "up")
	up.await(t, "The herd is up.")
	watch := start(t, dir, "watch", "--each", "--past", "kiwi")
	now := time.Now()
	send := start(t, dir, "send", "Hill", fmt.Sprintf("IAMAT kiwi +34.0-118.0 %d.%09d", now.Unix(), now.Nanosecond()), "IAMAT mango +1+1 5")
	said := send.await(t, "AT Hill")
	send.ends(t, 0)
	var seen []string
	for range config.Servers {
		line := watch.await(t, said)
		if strings.Contains(line, "mango") {
			t.Errorf("it tells of another client: %s", line)
		}
		seen = append(seen, strings.Fields(line)[1])
	}
	if len(slices.Compact(slices.Sorted(slices.Values(seen)))) != 5 {
		t.Errorf("it was seen at %q", seen)
	}
	watch.signal(t, syscall.SIGTERM)
	watch.ends(t, 0)
	up.signal(t, syscall.SIGINT)
	up.ends(t, 0)
}
