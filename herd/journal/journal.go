package journal

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"proxyherd/herd"
	"proxyherd/herd/wirelog"
)

// What can be wrong with a journal at the start. The error says where it is and
// what to do.
var (
	ErrLocked  = errors.New("another server has the journal")
	ErrDamaged = errors.New("the journal is damaged")

	// ErrNotSaved says that a journal was closed while the disk did not take what
	// waited.
	ErrNotSaved = errors.New("records were not saved")

	errSlow = errors.New("the disk does not answer")
)

// Options is what a Journal is made of.
type Options struct {
	// Dir is where the journals are, and Name is the server's, whose is Dir/Name.
	Dir, Name string
	// Fsync is one of herd.Fsyncs.
	Fsync string
	// Log takes events; nil takes none.
	Log *wirelog.Log

	fs    vfs.FS // nil: the machine's
	times times  // the zero value: usual
}

// times are how long a journal waits for what.
type times struct {
	gather time.Duration // for more records, where answers do not wait
	slow   time.Duration // for the disk, before it counts as failed
	again  time.Duration // before the first new attempt after a failure; then twice as long each time
	most   time.Duration // but no longer
	ending time.Duration // for the last batch
}

// Half a second leaves the other half for the sync itself.
var usual = times{gather: 500 * time.Millisecond, slow: 5 * time.Second, again: 250 * time.Millisecond, most: 10 * time.Second, ending: 5 * time.Second}

// Journal is a server's records on disk; a herd.Backing. Open makes one.
type Journal struct {
	where  string
	always bool
	log    *wirelog.Log
	fs     vfs.FS
	times  times
	lock   io.Closer
	cache  *pebble.Cache
	end    end

	// Of the goroutine that writes; Open and Load have them before it does anything.
	store   *store
	unsaved *batch // one that could not be written
	spare   *batch // an empty one
	pause   time.Duration
	synced  time.Time

	refusing atomic.Bool
	wake     chan struct{} // holds one: there is something to do
	closing  chan struct{}
	ended    chan struct{} // closed when the goroutine has
	closed   sync.Once

	mu      sync.Mutex // guards what follows; nothing waits under it
	pending *batch
	held    *batch // the one under way
	saved   uint64 // the number up to which all is safe
	refused uint64 // and the one up to which what waits is refused
	status  herd.JournalStatus

	telling sync.Mutex // held while notify is called
	notify  func()
}

// Open opens a server's journal, or makes one. The error wraps ErrLocked,
// ErrDamaged, or is the file system's.
func Open(o Options) (*Journal, error) {
	j := &Journal{
		where: filepath.Join(o.Dir, o.Name), always: o.Fsync == herd.FsyncAlways, log: o.Log, fs: o.fs, times: o.times,
		pending: &batch{number: 1}, spare: &batch{},
		wake: make(chan struct{}, 1), closing: make(chan struct{}), ended: make(chan struct{}),
		status: herd.JournalStatus{Fsync: o.Fsync},
	}
	if j.fs == nil {
		j.fs = vfs.Default
	}
	if j.times == (times{}) {
		j.times = usual
	}
	j.pause = j.times.again
	if err := makeDirs(j.fs, j.where); err != nil {
		return nil, j.failed(err)
	}
	var err error
	if j.lock, err = j.fs.Lock(j.fs.PathJoin(j.where, "LOCK")); err != nil {
		if _, noFile := errors.AsType[*fs.PathError](err); !noFile {
			err = fmt.Errorf("%w (%w)", ErrLocked, err)
		}
		return nil, j.failed(err)
	}
	j.cache = pebble.NewCache(cache)
	j.end, err = openEnd(j.fs, j.fs.PathJoin(j.where, "end"))
	if err == nil {
		j.store, err = openStore(j.fs, j.where, j.cache, j.end, j.log)
	}
	if err != nil {
		j.release()
		return nil, j.failed(err)
	}
	j.synced = time.Now()
	go j.run()
	return j, nil
}

// makeDirs makes a directory that is still there after a crash: a name is safe once
// the directory that it stands in is.
func makeDirs(fs vfs.FS, where string) error {
	if err := fs.MkdirAll(where, 0o700); err != nil {
		return err
	}
	for range 2 { // the server's own, and that of all journals
		where = fs.PathDir(where)
		dir, err := fs.OpenDir(where)
		if err != nil {
			return err
		}
		if err := errors.Join(dir.Sync(), dir.Close()); err != nil {
			return err
		}
	}
	return nil
}

func (j *Journal) release() {
	j.cache.Unref()
	if j.end.File != nil {
		_ = j.end.Close() // it is not synced either
	}
	_ = j.lock.Close() // the process's end does it as well
}

// failed says where the journal is, and what to do.
func (j *Journal) failed(err error) error {
	todo := "see that there is room and that this user may write there, or set journal.dir to another directory; if its files are damaged, move the directory away"
	switch {
	case errors.Is(err, ErrLocked):
		todo = "stop the server that runs there, or give this one another journal.dir"
	case errors.Is(err, ErrDamaged):
		todo = "move the directory away and start again: the server then gets all that its neighbours have, and what it alone had is lost"
	}
	return fmt.Errorf("journal in %s: %w; %s", j.where, err, todo)
}

// Load is a herd.Backing's.
func (j *Journal) Load(take func(line []byte) error) error {
	began := time.Now()
	var loaded, dropped int64
	var why error // the first was dropped
	err := j.store.load(func(line []byte) {
		loaded++
		if err := take(line); err != nil {
			dropped++
			why = cmp.Or(why, err)
		}
	})
	if err != nil {
		return j.failed(err)
	}
	j.mu.Lock()
	j.status.Loaded, j.status.Dropped = loaded, dropped
	j.mu.Unlock()
	j.log.Event(time.Now(), wirelog.Info, "journal loaded", wirelog.F("records", loaded), wirelog.F("took", time.Since(began)))
	if dropped > 0 {
		j.log.Event(time.Now(), wirelog.Warn, "records of the journal were not taken", wirelog.F("records", dropped), wirelog.F("error", why))
	}
	return nil
}

// Put is a herd.Backing's.
func (j *Journal) Put(line []byte) {
	line = line[:len(line)-1]
	j.mu.Lock()
	first := j.pending.empty()
	j.pending.put(clientOf(line), line)
	j.mu.Unlock()
	if first {
		j.hurry()
	}
}

func (j *Journal) hurry() {
	select {
	case j.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// Mark is a herd.Backing's.
func (j *Journal) Mark() uint64 {
	if !j.always {
		return 0
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.last()
}

// last is the number of the last batch that has anything.
func (j *Journal) last() uint64 {
	if j.pending.empty() {
		return j.pending.number - 1
	}
	return j.pending.number
}

// Settled is a herd.Backing's.
func (j *Journal) Settled() (saved, refused uint64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.saved, j.refused
}

// Refuses is a herd.Backing's.
func (j *Journal) Refuses() bool { return j.refusing.Load() }

// Notify is a herd.Backing's.
func (j *Journal) Notify(f func()) {
	j.telling.Lock()
	defer j.telling.Unlock()
	j.notify = f
}

// Status is how the journal does.
func (j *Journal) Status() herd.JournalStatus {
	j.mu.Lock()
	defer j.mu.Unlock()
	st := j.status
	for _, b := range []*batch{j.pending, j.held} {
		if b != nil {
			st.Waiting += len(b.records)
			st.WaitingBytes += b.bytes
		}
	}
	return st
}

// Close saves what waits and ends the journal. The error wraps ErrNotSaved if that
// is not possible now; it does not wait for a disk that hangs.
func (j *Journal) Close() error {
	j.closed.Do(func() { close(j.closing) })
	late := time.NewTimer(j.times.ending)
	defer late.Stop()
	select {
	case <-j.ended:
	case <-late.C:
	}
	if st := j.Status(); st.Waiting > 0 || st.Error != "" {
		return fmt.Errorf("journal in %s: %w: %d are in memory alone: %s", j.where, ErrNotSaved, st.Waiting, st.Error)
	}
	return nil
}
