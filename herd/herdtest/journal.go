package herdtest

import (
	"slices"
	"sync"
)

// Journal is a herd.Backing that saves when it is told to. The zero value is empty,
// and has answers wait.
type Journal struct {
	mu             sync.Mutex
	lines          []string
	mark           uint64
	saved, refused uint64
	refuses        bool
	notify         func()
}

// Load shows what was put, to a server that is started anew.
func (j *Journal) Load(take func(line []byte) error) error {
	for _, line := range j.Lines() {
		if err := take([]byte(line[:len(line)-1])); err != nil {
			return err
		}
	}
	return nil
}

// Put takes a line.
func (j *Journal) Put(line []byte) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, string(line))
	j.mark++
}

// Mark is how many lines were put.
func (j *Journal) Mark() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.mark
}

// Settled is what Save and Fail have decided.
func (j *Journal) Settled() (saved, refused uint64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.saved, j.refused
}

// Refuses is what Fail has decided, until Save.
func (j *Journal) Refuses() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.refuses
}

// Notify keeps f.
func (j *Journal) Notify(f func()) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.notify = f
}

// Lines are all that was put.
func (j *Journal) Lines() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.lines)
}

// Save saves what was put.
func (j *Journal) Save() { j.decide(&j.saved, false) }

// Fail refuses what was put and not saved, and what comes until Save.
func (j *Journal) Fail() { j.decide(&j.refused, true) }

func (j *Journal) decide(upTo *uint64, refuses bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	*upTo, j.refuses = j.mark, refuses
	if j.notify != nil {
		j.notify()
	}
}
