package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"proxyherd/herd/wirelog"
)

// How much of the machine a journal takes for itself.
const (
	memtable = 4 << 20 // two of them, and a third while one is written to its file
	cache    = 4 << 20
	files    = 32      // of the tables that are kept open
	piece    = 1 << 20 // of a batch that is written at once; Pebble takes no half memtable

	// Tables are merged late: a journal is read once, at the start, and merging was more
	// than half of its processor time. Then so many are read beside each other.
	unmerged     = 16
	mostUnmerged = 48        // at which writing waits for the merging
	level        = 256 << 20 // of the first level that is merged
)

// Keys are a client's id behind clientKey, and the numbers of write-ahead logs, 8
// bytes each, behind logKey. With batchKey alone is the number of the last batch.
const (
	batchKey  = 'b'
	clientKey = 'c'
	logKey    = 'l'
)

// store is a Pebble store that is open. It is for one goroutine at a time.
type store struct {
	db   *pebble.DB
	gate *gate
	log  *wirelog.Log

	broken chan struct{} // closed when it must be opened anew
	once   sync.Once
	why    error // once broken is closed

	// Pebble begins a new write-ahead log now and then, and notes in its manifest
	// when what the one before had is in a table. Where that note is damaged, Pebble
	// takes the manifest to end there, and neither misses the table nor the log. So
	// each log has its number among the keys: one that is missing tells.
	begun atomic.Bool // a log that has no number yet
	logs  uint64      // the number of the last one that has

	batches uint64 // that were ever written
	end     end
}

// openStore opens the store in a directory that the caller has locked, or makes one.
func openStore(fs vfs.FS, where string, shared *pebble.Cache, end end, log *wirelog.Log) (*store, error) {
	s := &store{log: log, end: end, broken: make(chan struct{})}
	s.gate = &gate{FS: fs, failed: s.fail}
	if err := s.do(func() error { return s.open(where, shared) }); err != nil {
		return nil, classify(err)
	}
	if err := s.check(); err != nil {
		_ = s.close() // what is wrong has been said
		return nil, classify(err)
	}
	if err := s.begin(); err != nil {
		s.abandon()
		return nil, classify(err)
	}
	return s, nil
}

// do returns when f has, or when something has failed that Pebble does meanwhile: f
// may then never return.
func (s *store) do(f func() error) error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-s.broken:
		s.abandon()
		return s.why
	}
}

func (s *store) open(where string, shared *pebble.Cache) (err error) {
	// Damage may lead Pebble astray.
	defer func() {
		if what := recover(); what != nil {
			err = fmt.Errorf("%w: %v", ErrDamaged, what)
		}
	}()
	s.db, err = pebble.Open(where, &pebble.Options{
		FS: s.gate, Cache: shared, Logger: s,
		FormatMajorVersion: pebble.FormatTableFormatV6,
		MemTableSize:       memtable, MemTableStopWritesThreshold: 2, MaxOpenFiles: files,
		L0CompactionThreshold: unmerged, L0StopWritesThreshold: mostUnmerged, LBaseMaxBytes: level,
		EventListener: &pebble.EventListener{
			BackgroundError: s.fail,
			DataCorruption:  func(i pebble.DataCorruptionInfo) { s.fail(fmt.Errorf("%w: %w", ErrDamaged, i.Details)) },
			WALCreated:      func(pebble.WALCreateInfo) { s.begun.Store(true) },
			WriteStallBegin: func(i pebble.WriteStallBeginInfo) { s.Infof("stalled: %s", i.Reason) },
		},
	})
	return err
}

// check looks whether all logs have left their numbers, and the last batch has.
func (s *store) check() error {
	switch number, closer, err := s.db.Get([]byte{batchKey}); {
	case err == nil:
		s.batches = binary.BigEndian.Uint64(number)
		if err := closer.Close(); err != nil {
			return err
		}
	case !errors.Is(err, pebble.ErrNotFound):
		return err
	}
	if last := s.end.read(); last > s.batches {
		return fmt.Errorf("%w: its end is missing, %d batches of %d", ErrDamaged, last-s.batches, last)
	}
	logs, err := s.db.NewIter(&pebble.IterOptions{LowerBound: []byte{logKey}, UpperBound: []byte{logKey + 1}})
	if err != nil {
		return err
	}
	for logs.First(); logs.Valid(); logs.Next() {
		s.logs++
		if number := binary.BigEndian.Uint64(logs.Key()[1:]); number != s.logs {
			return errors.Join(fmt.Errorf("%w: part %d of it is missing", ErrDamaged, s.logs), logs.Close())
		}
	}
	return logs.Close()
}

// begin gives the log that was begun with the opening its number.
func (s *store) begin() error {
	s.begun.Store(true)
	return s.do(func() error { return s.apply(&batch{}) })
}

// load shows all records.
func (s *store) load(take func(line []byte)) error {
	clients, err := s.db.NewIter(&pebble.IterOptions{LowerBound: []byte{clientKey}, UpperBound: []byte{clientKey + 1}})
	if err != nil {
		return classify(err)
	}
	for clients.First(); clients.Valid(); clients.Next() {
		line, err := clients.ValueAndErr()
		if err == nil && string(clientOf(line)) != string(clients.Key()[1:]) {
			err = fmt.Errorf("%w: the record of %q is %q", ErrDamaged, clients.Key()[1:], line)
		}
		if err != nil {
			return classify(errors.Join(err, clients.Close()))
		}
		take(line)
	}
	return classify(clients.Close())
}

// apply writes a batch, and returns when it is synced. Where the disk fails it does
// not return: see gate.
func (s *store) apply(b *batch) error {
	w := s.db.NewBatch()
	var key []byte
	for i := range b.records {
		r := &b.records[i]
		key = append(append(key[:0], clientKey), r.id...)
		if err := w.Set(key, r.line, nil); err != nil {
			return err
		}
		if w.Len() < piece {
			continue
		}
		// One log is synced from its beginning on, so that the last sync counts for all.
		if err := s.commit(w, pebble.NoSync); err != nil {
			return err
		}
		w = s.db.NewBatch()
	}
	if err := w.Set([]byte{batchKey}, binary.BigEndian.AppendUint64(nil, s.batches+1), nil); err != nil {
		return err
	}
	if err := s.commit(w, pebble.Sync); err != nil {
		return err
	}
	// A log that was begun on the way has its number before anything in it counts.
	for s.begun.CompareAndSwap(true, false) {
		s.logs++
		number := s.db.NewBatch()
		if err := number.Set(binary.BigEndian.AppendUint64([]byte{logKey}, s.logs), nil, nil); err != nil {
			return err
		}
		if err := s.commit(number, pebble.Sync); err != nil {
			return err
		}
	}
	s.batches++
	s.end.write(s.batches)
	return nil
}

func (s *store) commit(w *pebble.Batch, how *pebble.WriteOptions) error {
	if err := s.db.Apply(w, how); err != nil {
		return err
	}
	select {
	case <-s.broken:
		return s.why // Fatalf has returned, and so has Apply
	default:
		return w.Close()
	}
}

// fail takes note that the store must be opened anew.
func (s *store) fail(err error) {
	s.once.Do(func() {
		s.why = err
		close(s.broken)
	})
}

// abandon lets the store do nothing any more.
func (s *store) abandon() { s.gate.shut.Store(true) }

// close ends the store in order.
func (s *store) close() error { return s.do(s.db.Close) }

// Infof, Errorf and Fatalf make the store a pebble.Logger. After Fatalf Pebble
// does not expect to go on; what it then returns is not taken for an answer.
func (s *store) Infof(format string, args ...any) {
	s.log.Event(time.Now(), wirelog.Debug, "journal: "+fmt.Sprintf(format, args...))
}

func (s *store) Errorf(format string, args ...any) {
	s.log.Event(time.Now(), wirelog.Warn, "journal: "+fmt.Sprintf(format, args...))
}

func (s *store) Fatalf(format string, args ...any) {
	s.fail(fmt.Errorf(format, args...))
}

// classify tells damage from a disk that fails.
func classify(err error) error {
	if err != nil && pebble.IsCorruptionError(err) && !errors.Is(err, ErrDamaged) {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return err
}
