package herd

import "time"

// Measures is what a server counts, for those who draw curves. It is a copy that
// nobody changes.
type Measures struct {
	Status    Status
	Connected uint64      // clients so far, refused ones left out
	Unproved  int         // connections of neighbours that have proved nothing yet
	Clients   Traffic     // with clients
	Links     Traffic     // with neighbours, handshakes included
	Answers   AnswerTimes // of WHATSATs
	Exchanges []Exchanges // of records, in the order of Status.Links
}

// Traffic is bytes: read from the system, and handed over to be written to it.
type Traffic struct{ In, Out uint64 }

// Exchanges is what the re-syncs of a link came to, as the server that dialled
// it counts them: the sums of Resync.
type Exchanges struct {
	Count, RoundTrips, Sent, Received, Bytes uint64
}

// Add counts one more.
func (e *Exchanges) Add(r Resync) {
	e.Count++
	e.RoundTrips += uint64(r.RoundTrips)
	e.Sent += uint64(r.Sent)
	e.Received += uint64(r.Received)
	e.Bytes += uint64(r.Bytes)
}

// AnswerBounds are the upper bounds of the first counts in AnswerTimes; the last
// count has none. They are not to be changed.
var AnswerBounds = [...]time.Duration{
	time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond,
	10 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second,
}

// AnswerTimes is how long WHATSATs waited for the upstream, from when they were
// carried out. It counts those whose client was still there, and not those that
// were too many to wait.
type AnswerTimes struct {
	Counts [len(AnswerBounds) + 1]uint64 // each once, by AnswerBounds
	Sum    time.Duration
}

// Add counts one more.
func (a *AnswerTimes) Add(took time.Duration) {
	a.Sum += took
	for i, bound := range AnswerBounds {
		if took <= bound {
			a.Counts[i]++
			return
		}
	}
	a.Counts[len(AnswerBounds)]++
}

// Status is how many there were, and how long they took in all.
func (a *AnswerTimes) Status() AnswerStatus {
	st := AnswerStatus{Seconds: a.Sum.Seconds()}
	for _, n := range a.Counts {
		st.Count += n
	}
	return st
}
