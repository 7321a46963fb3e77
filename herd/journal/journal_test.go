package journal

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"proxyherd/herd"
)

// hurried is usual without the waiting.
var hurried = times{gather: time.Millisecond, slow: time.Minute, again: time.Millisecond, most: 10 * time.Millisecond, ending: time.Minute}

// deadline bounds each wait of these tests; what is waited for takes a moment.
const deadline = 60 * time.Second

// forms returns the amount for the form that runs: HERD_LONG=1 asks for the long one.
func forms[N any](short, long N) N {
	if os.Getenv("HERD_LONG") == "1" {
		return long
	}
	return short
}

// line is the n-th report of a client.
func line(client string, n int) string {
	return fmt.Sprintf("AT Hill +0.000000001 %s +1+1 %d\n", client, 1_000_000_000+n)
}

// open opens the journal of Hill.
func open(t testing.TB, fs vfs.FS, fsync string, times times) *Journal {
	t.Helper()
	j, err := Open(Options{Dir: "journals", Name: "Hill", Fsync: fsync, fs: fs, times: times})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// held is what a journal shows: of each client its line.
func held(t testing.TB, j *Journal) map[string]string {
	t.Helper()
	all := make(map[string]string)
	err := j.Load(func(line []byte) error {
		all[string(clientOf(line))] = string(line) + "\n"
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func closeIt(t testing.TB, j *Journal) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

// watch tells whenever a journal's Settled may have changed.
func watch(j *Journal) <-chan struct{} {
	moved := make(chan struct{}, 1)
	j.Notify(func() {
		select {
		case moved <- struct{}{}:
		default:
		}
	})
	return moved
}

// await waits until it is so.
func await(t testing.TB, moved <-chan struct{}, what string, isSo func() bool) {
	t.Helper()
	for late := time.After(deadline); !isSo(); {
		select {
		case <-moved:
		case <-late:
			t.Fatalf("it never came about: %s", what)
		}
	}
}

// safe waits until all that was put is.
func safe(t testing.TB, j *Journal, moved <-chan struct{}) {
	t.Helper()
	mark := j.Mark()
	await(t, moved, "all is safe", func() bool { saved, _ := j.Settled(); return saved >= mark })
}

func TestAJournalShowsTheNewestOfEachClient(t *testing.T) {
	for _, fsync := range herd.Fsyncs {
		fs := vfs.NewCrashableMem()
		want := make(map[string]string)
		for start := range 3 {
			j := open(t, fs, fsync, hurried)
			if got := held(t, j); !maps.Equal(got, want) {
				t.Fatalf("%s, start %d: it has %d records, want %d", fsync, start, len(got), len(want))
			}
			if got := j.Status().Loaded; got != int64(len(want)) {
				t.Errorf("it says that it has loaded %d", got)
			}
			for n := range 1000 {
				client := fmt.Sprint("client", n*(start+1)%700)
				want[client] = line(client, start*1000+n)
				j.Put([]byte(want[client]))
			}
			closeIt(t, j)
			if st := j.Status(); st.Waiting != 0 || st.Saved == 0 || st.Batches == 0 || st.LastSync.IsZero() || st.Fsync != fsync {
				t.Errorf("it ended as %+v", st)
			}
		}
	}
}

func TestASecondServerIsRefused(t *testing.T) {
	dir := t.TempDir()
	j, err := Open(Options{Dir: dir, Name: "Hill", Fsync: herd.FsyncSecond})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Options{Dir: dir, Name: "Hill", Fsync: herd.FsyncSecond}); !errors.Is(err, ErrLocked) {
		t.Errorf("the second was told %v", err)
	}
	other, err := Open(Options{Dir: dir, Name: "Meeks", Fsync: herd.FsyncSecond})
	if err != nil {
		t.Errorf("another server's journal beside it: %v", err)
	}
	closeIt(t, other)
	closeIt(t, j)
	again, err := Open(Options{Dir: dir, Name: "Hill", Fsync: herd.FsyncSecond})
	if err != nil {
		t.Fatalf("when the first has ended: %v", err)
	}
	closeIt(t, again)
}

func TestClientOf(t *testing.T) {
	for _, id := range []string{"kiwi.cs.ucla.edu", "x", "\x00\xff", "AT"} {
		text := line(id, 1)
		if got := string(clientOf([]byte(text[:len(text)-1]))); got != id {
			t.Errorf("the client of %q is %q", text, got)
		}
	}
}

// A batch keeps the order in which its clients came, and what is used again has
// nothing of what was there before.
func TestABatchIsUsedAgain(t *testing.T) {
	b := &batch{}
	for round := range 3 {
		for _, n := range []string{"b", "a", "b", "c"} {
			b.put([]byte(n), []byte(fmt.Sprint(n, round)))
		}
		var got []string
		for _, r := range b.records {
			got = append(got, r.id+"="+string(r.line))
		}
		if want := []string{fmt.Sprintf("b=b%d", round), fmt.Sprintf("a=a%d", round), fmt.Sprintf("c=c%d", round)}; !slices.Equal(got, want) || b.bytes != 6 {
			t.Fatalf("%q of %d bytes, want %q", got, b.bytes, want)
		}
		b = b.reset()
	}
}
