package wirelog

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheFileIsRotatedBySize(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	l := open(t, Options{Path: path, Lines: true, RotateBytes: 1000, RotateKeep: 3})
	c := l.Conn(Client, called("c"), noon)
	const lines = 200
	for i := range lines {
		l.In(c, fmt.Appendf(nil, "line %03d\n", i), noon)
	}
	flush(t, l)

	// Newest last: log.3, log.2, log.1, log; no log.4; nothing missing between.
	var text string
	for _, name := range []string{path + ".3", path + ".2", path + ".1", path} {
		part := read(t, name)
		entries(t, part) // whole records only
		record := len("2012-11-21T12:00:00.065123Z < client#1 \"line 000\"\n")
		if len(part) >= 1000+record || name != path && len(part) < 1000 {
			t.Errorf("%s has %d bytes", filepath.Base(name), len(part))
		}
		text += part
	}
	if _, err := os.Stat(path + ".4"); !os.IsNotExist(err) {
		t.Errorf("log.4: %v", err)
	}
	all := entries(t, text)
	for i, e := range all {
		if want := fmt.Sprintf("line %03d", lines-len(all)+i); string(e.Text) != want {
			t.Fatalf("record %d is %q, want %q", i, e.Text, want)
		}
	}
	if n := l.Stats().Rotations; n < 5 || len(all) < 60 {
		t.Errorf("%d rotations, %d lines kept", n, len(all))
	}
}

func TestARotationThatFailsCostsNoLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	// A file cannot be renamed over a directory.
	if err := os.Mkdir(path+".1", 0o755); err != nil {
		t.Fatal(err)
	}
	l := open(t, Options{Path: path, RotateBytes: 1000, RotateKeep: 1})
	const events = 50
	for i := range events {
		l.Event(noon, Info, fmt.Sprint("event ", i))
	}
	flush(t, l)
	all := entries(t, read(t, path))
	kept := 0
	for i := range events {
		kept += len(find(all, Event, fmt.Sprint("event ", i)))
	}
	s := l.Stats()
	if kept != events || s.Rotations != 0 || s.WriteErrors == 0 || s.WriteErrors > 10 {
		t.Errorf("%d of %d events, counted %+v", kept, events, s)
	}
	report := find(all, Event, "the log file could not be written for a while")
	if len(report) == 0 || !strings.Contains(report[0].Field("last_error"), "rotate") {
		t.Errorf("the reports are %+v", report)
	}
	if err := os.Remove(path + ".1"); err != nil {
		t.Fatal(err)
	}
	for l.Stats().Rotations == 0 {
		l.Event(noon, Info, "more")
		flush(t, l)
	}
}

func TestTheFileIsReopenedAfterARename(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	l := open(t, Options{Path: path})
	l.Event(noon, Info, "old")
	flush(t, l)
	if err := os.Rename(path, path+".moved"); err != nil {
		t.Fatal(err)
	}
	l.Event(noon, Info, "still old")
	l.Reopen()
	flush(t, l)
	l.Event(noon, Info, "new")
	flush(t, l)
	if old := entries(t, read(t, path+".moved")); len(old) != 2 || string(old[1].Text) != "still old" {
		t.Errorf("the old file holds %+v", old)
	}
	if now := entries(t, read(t, path)); len(now) != 1 || string(now[0].Text) != "new" {
		t.Errorf("the new file holds %+v", now)
	}
}

func TestAReopenThatFailsKeepsTheOldFile(t *testing.T) {
	d := newDisk()
	l := open(t, Options{Path: "log", open: d.open})
	l.Event(noon, Info, "one")
	d.mu.Lock()
	d.refuse = os.ErrPermission
	d.mu.Unlock()
	l.Reopen()
	flush(t, l)
	l.Event(noon, Info, "two")
	flush(t, l)
	all := entries(t, d.String())
	report := find(all, Event, "the log file could not be written for a while")
	if len(find(all, Event, "one"))+len(find(all, Event, "two")) != 2 || len(report) != 1 ||
		!strings.Contains(report[0].Field("last_error"), "reopen") || d.closed != 0 {
		t.Errorf("closed %d times:\n%s", d.closed, d)
	}
}

func TestATornFileIsMendedAtTheStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, []byte("2012-11-21T11:59:59.999999Z < client#1 \"killed in"), 0o600); err != nil {
		t.Fatal(err)
	}
	l := open(t, Options{Path: path})
	l.Event(noon, Info, "next run")
	flush(t, l)
	lines := strings.Split(read(t, path), "\n")
	if len(lines) != 3 || lines[1] != `2012-11-21T12:00:00.065123Z ! info "next run"` {
		t.Errorf("the file is %q", lines)
	}
}

// A log that is not a regular file is written to, and never renamed.
func TestADeviceIsNotRotated(t *testing.T) {
	l := open(t, Options{Path: os.DevNull, RotateBytes: 1})
	for range 10 {
		l.Event(noon, Info, "away")
	}
	flush(t, l)
	if s := l.Stats(); s.Rotations != 0 || s.WriteErrors != 0 {
		t.Errorf("counted %+v", s)
	}
}
