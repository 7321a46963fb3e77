package wirelog

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// noon is when every test begins; a test that cares says how much later it is.
var noon = time.Date(2012, 11, 21, 12, 0, 0, 65123000, time.UTC)

func after(d time.Duration) time.Time { return noon.Add(d) }

// open opens a log in a directory of the test's own and closes it at the end.
func open(t testing.TB, options Options) *Log {
	t.Helper()
	if options.Path == "" {
		options.Path = filepath.Join(t.TempDir(), "Farmar.log")
	}
	l, err := Open(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func flush(t testing.TB, l *Log) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := l.Flush(ctx); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// entries scans a log's text; each line must be a record.
func entries(t testing.TB, text string) (all []Entry) {
	t.Helper()
	for entry, err := range Scan(bytes.NewReader([]byte(text))) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, entry)
	}
	return all
}

// put together what one connection and direction carried; missing counts the
// bytes that gaps stand for.
func joined(all []Entry, conn uint64, mark Mark) (text []byte, missing uint64) {
	for _, e := range all {
		if e.Conn != conn || e.Mark != mark {
			continue
		}
		text = append(text, e.Text...)
		if e.End == EndLine {
			text = append(text, '\n')
		}
		missing += e.Gap
	}
	return text, missing
}

func find(all []Entry, mark Mark, text string) (found []Entry) {
	for _, e := range all {
		if e.Mark == mark && string(e.Text) == text {
			found = append(found, e)
		}
	}
	return found
}

// disk is a file in memory that can be slow and full.
type disk struct {
	mu      sync.Mutex
	text    []byte
	room    int           // bytes until it is full; below zero: endless
	stuck   chan struct{} // writes wait until it is closed
	entered chan struct{} // told of each write before it waits
	closed  int
	opened  int
	refuse  error // what open says
}

var errFull = errors.New("no space left on device")

func newDisk() *disk { return &disk{room: -1} }

// jam makes writes wait until the returned function is called.
func (d *disk) jam() (free func()) {
	stuck := make(chan struct{})
	d.mu.Lock()
	d.stuck, d.entered = stuck, make(chan struct{}, 1)
	d.mu.Unlock()
	return sync.OnceFunc(func() {
		d.mu.Lock()
		d.stuck = nil
		d.mu.Unlock()
		close(stuck)
	})
}

func (d *disk) open(string) (logFile, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.refuse != nil {
		return logFile{}, d.refuse
	}
	d.opened++
	return logFile{WriteCloser: d}, nil
}

func (d *disk) Write(p []byte) (int, error) {
	d.mu.Lock()
	stuck, entered := d.stuck, d.entered
	d.mu.Unlock()
	if stuck != nil {
		select {
		case entered <- struct{}{}:
		default:
		}
		<-stuck
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	n := len(p)
	if d.room >= 0 {
		n = min(n, d.room)
		d.room -= n
	}
	d.text = append(d.text, p[:n]...)
	if n < len(p) {
		return n, errFull
	}
	return n, nil
}

func (d *disk) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed++
	return nil
}

func (d *disk) setRoom(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.room = n
}

func (d *disk) String() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return string(d.text)
}

// called is the name of a connection.
func called(name string) func() string { return func() string { return name } }
