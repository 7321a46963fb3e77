package monitor

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func passesOn(s *Sample, n int) {
	for i := range n {
		if s.Looking() {
			s.Passed(fmt.Appendf(nil, "AT Farmar +1.000000000 client-%d +1+2 %d\n", i, 1700000000+i), "", []string{"Meeks"})
		}
	}
}

// TestASampleIsBounded has a server pass on far more than anybody is shown, for ten
// seconds.
func TestASampleIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSample()
		me := s.join()
		var seen int
		var reading sync.WaitGroup
		end := make(chan struct{})
		reading.Go(func() {
			for {
				select {
				case batch := <-me.batches:
					seen += len(batch)
				case <-end:
					return
				}
			}
		})
		const seconds, perSecond = 10, 50000
		for range seconds * 100 {
			passesOn(s, perSecond/100)
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(2 * sampleTick)
		close(end)
		reading.Wait()
		s.leave(me)
		if least, most := seconds*sampleRate, sampleMost+(seconds+1)*sampleRate; seen < least || seen > most {
			t.Errorf("%d of %d records were shown, want %d to %d", seen, seconds*perSecond, least, most)
		}
	})
}

// TestNobodyLooking sees that a sample takes nothing before the first and after the
// last has looked on, and everything of a few in between.
func TestNobodyLooking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSample()
		if s.Looking() {
			t.Error("somebody looks on before anybody has come")
		}
		first, second := s.join(), s.join()
		passesOn(s, 20)
		for i, o := range []*onlooker{first, second} {
			if batch := <-o.batches; len(batch) != 20 || string(batch[19].line) != "AT Farmar +1.000000000 client-19 +1+2 1700000019" {
				t.Errorf("onlooker %d sees %d records", i, len(batch))
			}
		}
		s.leave(first)
		if passesOn(s, 1); !s.Looking() || len(<-second.batches) != 1 {
			t.Error("the second sees nothing any more")
		}
		s.leave(second)
		passesOn(s, 1)
		s.Passed([]byte("AT late\n"), "", nil) // by one who had asked before
		if s.Looking() || len(s.taken) != 0 {
			t.Errorf("%d records are taken, and nobody looks on", len(s.taken))
		}
	})
}

// TestAnOnlookerWhoSleepsHoldsNobodyUp has one take nothing for a minute.
func TestAnOnlookerWhoSleepsHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSample()
		sleeper := s.join()
		for range 600 {
			passesOn(s, 5)
			time.Sleep(sampleTick)
		}
		s.leave(sleeper)
		if len(sleeper.batches) != batchesWaiting {
			t.Errorf("%d batches wait, want %d", len(sleeper.batches), batchesWaiting)
		}
	})
}

func TestManyPassOnAtOnce(t *testing.T) {
	s := NewSample()
	me := s.join()
	defer s.leave(me)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { passesOn(s, 1000) })
	}
	all.Wait()
	if batch := <-me.batches; len(batch) > sampleMost {
		t.Errorf("%d records before the first tick, want at most %d", len(batch), sampleMost)
	}
}
