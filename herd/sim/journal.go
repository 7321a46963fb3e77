package sim

import (
	"time"

	"proxyherd/reactor/reactortest"
)

// disk is what outlives a server that has a journal.
type disk struct {
	always   bool               // its answers wait for the disk
	records  []*report          // AT lines in the order in which their ids came
	places   map[string]int     // of records, by id
	promised map[string]*report // the newest that was acknowledged, by id, of one whose answers wait
}

// newDisk is the disk of a server; nil if it keeps no journal. In a fight with
// journals a third of the servers has one of each kind, and a third none.
func (s *Setup) newDisk(server int) *disk {
	if s.Journals == 0 || (int64(server)+s.Journals)%3 == 2 {
		return nil
	}
	return &disk{always: (int64(server)+s.Journals)%3 == 0, places: map[string]int{}, promised: map[string]*report{}}
}

// write takes an AT line.
func (d *disk) write(r *report) {
	if place, known := d.places[r.id]; known {
		d.records[place] = r
		return
	}
	d.places[r.id] = len(d.records)
	d.records = append(d.records, r)
}

// journal is a herd.Backing of one life of a server: what was put reaches the disk a
// while later, or never, if the server is killed before.
type journal struct {
	disk    *disk
	reactor *reactortest.Reactor
	save    func() // sync, as the timer calls it
	early   bool   // a known mistake: answers do not wait
	reports *reports
	pending []*report
	number  uint64 // of what was put
	saved   uint64
	notify  func()
}

func newJournal(w *world, m *member) *journal {
	j := &journal{disk: m.disk, reactor: m.reactor, reports: &w.reports}
	j.save = j.sync
	return j
}

// How long it takes.
const (
	syncAlways = 20 * time.Millisecond
	syncSecond = 500 * time.Millisecond
)

func (j *journal) Load(take func(line []byte) error) error {
	for _, r := range j.disk.records {
		if err := take([]byte(r.line)); err != nil {
			return err // it was taken once
		}
	}
	return nil
}

func (j *journal) Put(line []byte) {
	j.number++
	j.pending = append(j.pending, j.reports.of(line[:len(line)-1]))
	if len(j.pending) > 1 {
		return
	}
	took := syncSecond
	if j.disk.always {
		took = syncAlways
	}
	j.reactor.CallLater(took, j.save)
}

func (j *journal) sync() {
	for _, r := range j.pending {
		j.disk.write(r)
	}
	clear(j.pending)
	j.pending, j.saved = j.pending[:0], j.number
	if j.notify != nil {
		j.notify()
	}
}

func (j *journal) Mark() uint64 {
	if !j.disk.always || j.early {
		return 0
	}
	return j.number
}

func (j *journal) Settled() (saved, refused uint64) { return j.saved, 0 }
func (j *journal) Refuses() bool                    { return false }
func (j *journal) Notify(f func())                  { j.notify = f }
