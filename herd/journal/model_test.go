package journal

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"proxyherd/herd"
)

// model is what a journal was given: of each client all its lines, each with the
// mark after which it is safe.
type model struct {
	lines map[string][]put
	n     int
	size  int // bytes of an id, so that there is something to write
}

type put struct {
	n    int // it is the n-th of all
	line string
	mark uint64
}

func newModel(size int) *model { return &model{lines: make(map[string][]put), size: size} }

// put gives a journal the next line of a random client.
func (m *model) put(j *Journal, random *rand.Rand) {
	m.n++
	client := fmt.Sprintf("%0*d", m.size, random.IntN(2000))
	text := line(client, m.n)
	j.Put([]byte(text))
	m.lines[client] = append(m.lines[client], put{m.n, text, j.Mark()})
}

// check checks that a journal has no record that it was not given, and none that is
// older than one that was safe. It returns how many there are.
func (m *model) check(t *testing.T, got map[string]string, saved uint64) (safe int) {
	t.Helper()
	for client, lines := range m.lines {
		known, newest := -1, -1
		for i, p := range lines {
			if p.line == got[client] {
				known = i
			}
			if p.mark <= saved {
				newest = i
			}
		}
		if newest >= 0 {
			safe++
		}
		if known < newest {
			t.Errorf("of client %s it has %q, which is number %d of what it was given; number %d was safe", client, got[client], known, newest)
		}
		if got[client] != "" && known < 0 {
			t.Errorf("of client %s it has %q, which it was never given", client, got[client])
		}
	}
	for client := range got {
		if m.lines[client] == nil {
			t.Errorf("nobody gave it the client %q", client)
		}
	}
	return safe
}

// What a crash leaves of a disk has all that was said to be safe, whatever part of
// the rest it has.
func TestACrashLosesNothingThatWasSafe(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("the seed is %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	safe := 0
	for range forms(3, 50) {
		fs, m := vfs.NewCrashableMem(), newModel(50)
		// Once and again, each time from what a crash has left.
		for range 3 {
			disk := &full{}
			j := open(t, errorfs.Wrap(fs, disk), herd.FsyncAlways, hurried)
			held(t, j)
			moved := watch(j)
			for range random.IntN(2000) {
				m.put(j, random)
				if random.IntN(500) == 0 {
					before, _ := j.Settled()
					await(t, moved, "something is safe", func() bool { saved, _ := j.Settled(); return saved > before || j.Mark() == saved })
				}
			}
			// The disk may be full before it crashes.
			disk.spared.Store(random.Int32N(20))
			disk.on.Store(random.IntN(2) == 0)
			for range random.IntN(500) {
				m.put(j, random)
			}
			saved, _ := j.Settled()
			left := fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: random.IntN(101), RNG: random})
			disk.on.Store(false)
			await(t, moved, "the disk takes all", func() bool { saved, _ := j.Settled(); return saved == j.Mark() })
			closeIt(t, j)
			again := open(t, left, herd.FsyncAlways, hurried)
			got := held(t, again)
			safe += m.check(t, got, saved)
			closeIt(t, again)
			fs = left
			// The marks begin anew, and what is there now is safe.
			for client, lines := range m.lines {
				m.lines[client] = []put{}
				for _, p := range lines {
					if p.line == got[client] {
						m.lines[client] = []put{{p.n, p.line, 0}}
					}
				}
			}
		}
	}
	if safe < 200 {
		t.Errorf("only %d records were safe", safe)
	}
}

// full is a disk that can be full: nothing is written, made or synced then.
type full struct {
	on     atomic.Bool
	spared atomic.Int32 // writes that still succeed
	errors atomic.Int64
}

func (f *full) String() string { return "a disk that may be full" }

func (f *full) MaybeError(op errorfs.Op) error {
	switch op.Kind {
	case errorfs.OpCreate, errorfs.OpReuseForWrite, errorfs.OpFileWrite, errorfs.OpFileSync, errorfs.OpFileSyncData, errorfs.OpFileSyncTo, errorfs.OpRename:
		if f.on.Load() && f.spared.Add(-1) < 0 {
			f.errors.Add(1)
			return syscall.ENOSPC
		}
	}
	return nil
}

// While the disk is full reports are refused, and what waits for it; when there is
// room again, all that came meanwhile is saved, and nothing was lost.
func TestAFullDiskIsOutlived(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("the seed is %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	disk := &full{}
	fs, m := errorfs.Wrap(vfs.NewMem(), disk), newModel(1000)
	j := open(t, fs, herd.FsyncAlways, hurried)
	moved := watch(j)
	for round := range forms(3, 50) {
		for range 500 {
			m.put(j, random)
		}
		if round%2 == 0 {
			safe(t, j, moved)
		}
		// In the middle of a write, of a new log, or of a table that is made.
		disk.spared.Store(random.Int32N(40))
		disk.on.Store(true)
		await(t, moved, "the journal notices", func() bool {
			m.put(j, random)
			return j.Refuses()
		})
		mark := j.Mark()
		await(t, moved, "what waits is refused", func() bool { _, refused := j.Settled(); return refused >= mark })
		if st := j.Status(); st.FailedSince.IsZero() || st.Failures == 0 || !strings.Contains(st.Error, "no space left") || st.Waiting == 0 || st.WaitingBytes == 0 {
			t.Fatalf("it says %+v", st)
		}
		// Neighbours go on.
		for range 500 {
			m.put(j, random)
		}
		disk.on.Store(false)
		await(t, moved, "it works again", func() bool { return !j.Refuses() && j.Status().FailedSince.IsZero() })
		if saved, refused := j.Settled(); saved < refused {
			t.Fatalf("it takes reports again while some are to be refused: %d, %d", saved, refused)
		}
	}
	safe(t, j, moved)
	saved := j.Mark()
	closeIt(t, j)
	again := open(t, fs, herd.FsyncAlways, hurried)
	got := held(t, again)
	closeIt(t, again)
	if n := m.check(t, got, saved); n != len(m.lines) || n < 500 {
		t.Errorf("%d of %d clients were safe", n, len(m.lines))
	}
	t.Logf("%d reports, %d errors of the disk", m.n, disk.errors.Load())
}

// With "second" nobody is refused, and the status says what is wrong.
func TestAFullDiskIsShownWhereAnswersDoNotWait(t *testing.T) {
	disk := &full{}
	fs, m := errorfs.Wrap(vfs.NewMem(), disk), newModel(10)
	j := open(t, fs, herd.FsyncSecond, hurried)
	moved, random := watch(j), rand.New(rand.NewPCG(1, 2))
	disk.on.Store(true)
	m.put(j, random)
	await(t, moved, "it notices", func() bool { return !j.Status().FailedSince.IsZero() })
	if j.Refuses() || j.Mark() != 0 {
		t.Error("reports are refused, or wait")
	}
	disk.on.Store(false)
	await(t, moved, "it works again", func() bool { st := j.Status(); return st.FailedSince.IsZero() && st.Waiting == 0 })
	closeIt(t, j)
}

// A disk that hangs holds up nobody but the goroutine that writes.
func TestADiskThatHangsIsOneThatFails(t *testing.T) {
	let := make(chan struct{})
	var hangs atomic.Bool
	fs := errorfs.Wrap(vfs.NewMem(), errorfs.InjectorFunc(func(op errorfs.Op) error {
		if hangs.Load() && op.Kind == errorfs.OpFileWrite {
			<-let
		}
		return nil
	}))
	slow := hurried
	slow.slow = 10 * time.Millisecond
	j, m, random := open(t, fs, herd.FsyncAlways, slow), newModel(10), rand.New(rand.NewPCG(1, 2))
	moved := watch(j)
	hangs.Store(true)
	m.put(j, random)
	mark := j.Mark()
	await(t, moved, "what waits is refused", func() bool { _, refused := j.Settled(); return refused >= mark })
	if !j.Refuses() || !strings.Contains(j.Status().Error, errSlow.Error()) {
		t.Errorf("it takes reports, and says %+v", j.Status())
	}
	hangs.Store(false)
	close(let)
	await(t, moved, "it works again", func() bool { return !j.Refuses() && j.Status().FailedSince.IsZero() })
	if saved, _ := j.Settled(); saved < mark {
		t.Errorf("only %d is saved of %d", saved, mark)
	}
	closeIt(t, j)
}

func TestAJournalThatCannotSaveSaysSoAtTheEnd(t *testing.T) {
	disk := &full{}
	j, m := open(t, errorfs.Wrap(vfs.NewMem(), disk), herd.FsyncSecond, hurried), newModel(10)
	disk.on.Store(true)
	m.put(j, rand.New(rand.NewPCG(1, 2)))
	if err := j.Close(); !errors.Is(err, ErrNotSaved) || !strings.Contains(err.Error(), "1 are in memory alone: no space left") {
		t.Errorf("it said %v", err)
	}
}

func TestAJournalThatCannotBeWrittenIsNotOpened(t *testing.T) {
	disk := &full{}
	disk.on.Store(true)
	_, err := Open(Options{Dir: "journals", Name: "Hill", Fsync: herd.FsyncAlways, fs: errorfs.Wrap(vfs.NewMem(), disk), times: hurried})
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "journals/Hill") || !strings.Contains(err.Error(), "journal.dir") {
		t.Errorf("it said %v", err)
	}
}

// A disk that fills up while a journal is opened is said to be full, however far the
// opening came, and what was safe is there once there is room.
func TestADiskThatFillsUpWhileAJournalIsOpened(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 0))
	disk := &full{}
	before, m := vfs.NewCrashableMem(), newModel(1000)
	j := open(t, before, herd.FsyncAlways, hurried)
	moved := watch(j)
	for range 500 {
		m.put(j, random)
	}
	safe(t, j, moved)
	saved, _ := j.Settled()
	refused := 0
	for spared := range int32(40) {
		disk.spared.Store(spared)
		disk.on.Store(true)
		fs := errorfs.Wrap(before.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 100, RNG: random}), disk)
		opened := make(chan error, 1)
		var j *Journal
		go func() {
			var err error
			j, err = Open(Options{Dir: "journals", Name: "Hill", Fsync: herd.FsyncAlways, fs: fs, times: hurried})
			opened <- err
		}()
		select {
		case err := <-opened:
			disk.on.Store(false)
			if err != nil {
				refused++
				if !errors.Is(err, syscall.ENOSPC) {
					t.Errorf("after %d writes it said %v", spared, err)
				}
				continue
			}
			m.check(t, held(t, j), saved)
			closeIt(t, j)
		case <-time.After(deadline):
			t.Fatalf("a disk that is full after %d writes keeps a journal from being opened for ever", spared)
		}
	}
	if refused < 10 {
		t.Errorf("only %d of 40 were refused", refused)
	}
}
