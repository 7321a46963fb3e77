package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/trace"
	"slices"
	"strings"
	"sync"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/wirelog"
	"proxyherd/reactor/gnetreactor"
)

const (
	// slowTurn is how long a turn of the loop may take before the log tells of it.
	slowTurn = 10 * time.Millisecond

	// tracePause is the least time between two traces: a loop that is slow in every
	// turn is not to be busy with saying so.
	tracePause = time.Minute

	// tracesKept is how many traces of a server stay; older ones are removed.
	tracesKept = 5

	// traceAge and traceBytes are how much of the past the recorder keeps.
	traceAge   = 2 * time.Second
	traceBytes = 8 << 20

	traceSuffix = ".trace"
)

// recorder keeps the last seconds of what the process did; a
// *trace.FlightRecorder.
type recorder interface {
	Start() error
	WriteTo(to io.Writer) (int64, error)
	Stop()
}

// slowTurns tells of turns of the loop that took long: each in the log, and, if
// that is wanted, now and then by a trace of the seconds that led to it, which go
// tool trace shows.
type slowTurns struct {
	log      *wirelog.Log
	path     string // of the traces, up to the time
	recorder recorder

	started bool      // whether there is anything to write
	last    time.Time // when the last trace was begun
	writing sync.WaitGroup
	busy    chan struct{} // has one element while a trace is written
}

// newSlowTurns begins to record if the settings want traces. Unless they do it
// does not: the runtime then notes each system call, which a server of short
// requests feels (docs/operating.md).
func newSlowTurns(log *wirelog.Log, name string, settings herd.Log) *slowTurns {
	s := &slowTurns{
		log: log, path: filepath.Join(settings.Dir, name+"-slow-"), busy: make(chan struct{}, 1),
		recorder: trace.NewFlightRecorder(trace.FlightRecorderConfig{MinAge: traceAge, MaxBytes: traceBytes}),
	}
	if settings.FlightRecorder {
		s.record()
	}
	return s
}

// record starts the recorder. One that does not start costs the traces alone.
func (s *slowTurns) record() {
	err := s.recorder.Start()
	if err != nil {
		s.log.Event(time.Now(), wirelog.Warn, "slow turns are not traced", wirelog.F("error", err))
	}
	s.started = err == nil
}

// took is told of each slow turn, on the loop: it neither waits nor writes.
func (s *slowTurns) took(turn gnetreactor.SlowTurn) {
	end := turn.Began.Add(turn.Took)
	s.log.Event(end, wirelog.Warn, "slow turn", wirelog.F("took", turn.Took.Round(time.Microsecond)), wirelog.F("callbacks", turn.Callbacks),
		wirelog.F("longest", turn.Callback), wirelog.F("longest_took", turn.CallbackTook.Round(time.Microsecond)))
	if !s.started || !s.last.IsZero() && end.Sub(s.last) < tracePause {
		return
	}
	select {
	case s.busy <- struct{}{}:
		s.last = end
		s.writing.Go(func() {
			defer func() { <-s.busy }()
			s.write(end)
		})
	default: // the disk takes more than a minute over the last
	}
}

// write keeps the trace, and says where it is.
func (s *slowTurns) write(at time.Time) {
	path := s.path + at.UTC().Format("20060102T150405.000Z") + traceSuffix
	err := s.dump(path)
	if err == nil {
		s.log.Event(time.Now(), wirelog.Warn, "slow turn traced", wirelog.F("file", path), wirelog.F("show", "go tool trace "+path))
	}
	if err = errors.Join(err, s.removeOld()); err != nil {
		s.log.Event(time.Now(), wirelog.Error, "a slow turn's trace", wirelog.F("error", err))
	}
}

func (s *slowTurns) dump(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = s.recorder.WriteTo(file)
	if err = errors.Join(err, file.Close()); err != nil {
		// Half a trace is none.
		return errors.Join(fmt.Errorf("writing %s: %w", path, err), os.Remove(path))
	}
	return nil
}

// removeOld keeps the newest traces: their names are in the order of time.
func (s *slowTurns) removeOld() error {
	dir, prefix := filepath.Split(s.path)
	entries, err := os.ReadDir(filepath.Clean(dir))
	if err != nil {
		return err
	}
	var names []string
	for _, e := range entries {
		if name := e.Name(); strings.HasPrefix(name, prefix) && strings.HasSuffix(name, traceSuffix) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var errs []error
	for _, name := range names[:max(0, len(names)-tracesKept)] {
		errs = append(errs, os.Remove(filepath.Join(dir, name)))
	}
	return errors.Join(errs...)
}

// close ends the recording once a trace under way is written.
func (s *slowTurns) close() {
	s.writing.Wait()
	if s.started {
		s.recorder.Stop()
	}
}
