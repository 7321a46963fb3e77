package account

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/anishathalye/porcupine"
)

// History is what servers have shown of some clients, and when they were asked. The
// zero value is empty. Readers write in it at the same time.
type History struct {
	mu         sync.Mutex
	operations []porcupine.Operation
	shown      int
}

// place is where a record is shown: by a life of a server, of a client.
type place struct {
	life Life
	id   string
}

// outcome is what an operation has told.
type outcome struct {
	report *Report
	// exact says that it was shown; else the server has acknowledged it, and holds it
	// or a newer one.
	exact bool
}

// Shown notes what a server answered, between call and end, to a question for a
// client's record: nil if it knew of none.
func (h *History) Shown(l Life, id string, call, end time.Time, r *Report) {
	h.add(l, id, call, end, outcome{r, true})
}

// Acknowledged notes that a server acknowledged a report: what it shows from then on
// is no older.
func (h *History) Acknowledged(l Life, call, end time.Time, r *Report) {
	h.add(l, r.ID(), call, end, outcome{r, false})
}

func (h *History) add(l Life, id string, call, end time.Time, o outcome) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if o.exact {
		h.shown++
	}
	h.operations = append(h.operations, porcupine.Operation{
		Input: place{l, id}, Output: o, Call: monotonic(call), Return: monotonic(end),
	})
}

// began is what monotonic counts from.
var began = time.Now()

// monotonic is a time that no change of the clock touches.
func monotonic(t time.Time) int64 { return int64(t.Sub(began)) }

// Reads is how many records were shown.
func (h *History) Reads() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.shown
}

// Verdict is what a check came to.
type Verdict struct {
	Places int // pairs of a server's life and a client that were looked at
	Wrong  []string
}

// Check lets porcupine look whether each life of a server showed records that only
// went up: there is an order of all that it showed and acknowledged which agrees with
// the times of questions and answers, and in which no record that is shown is older
// than one before it. What cannot be decided within bound is wrong too.
//
// That is not linearizability of the herd: another server may show an older record,
// and so may this one after a crash.
func (h *History) Check(o Order, bound time.Duration) Verdict {
	h.mu.Lock()
	defer h.mu.Unlock()
	v := Verdict{}
	model := rising(o)
	for _, part := range byPlace(h.operations) {
		v.Places++
		if result := porcupine.CheckOperationsTimeout(model, part, bound); result != porcupine.Ok {
			where := part[0].Input.(place)
			v.Wrong = append(v.Wrong, fmt.Sprintf("life %d of %s, about %s, %d operations: no order of them only rises (%s)",
				where.life.Number, where.life.Server, where.id, len(part), result))
		}
	}
	return v
}

// rising is a register that only goes up, of which others write too: what is shown
// must be no older than its state, and becomes it.
func rising(o Order) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return (*Report)(nil) },
		Step: func(state, _, output any) (bool, any) {
			now, out := state.(*Report), output.(outcome)
			if !o.Older(out.report, now) {
				return true, out.report
			}
			return !out.exact, now
		},
		Equal: func(a, b any) bool { return a.(*Report).String() == b.(*Report).String() },
	}
}

// byPlace takes a history apart. Parts are in the order of their first operations.
func byPlace(all []porcupine.Operation) (parts [][]porcupine.Operation) {
	number := map[place]int{}
	for _, operation := range all {
		where := operation.Input.(place)
		i, known := number[where]
		if !known {
			i = len(parts)
			number[where] = i
			parts = append(parts, nil)
		}
		parts[i] = append(parts[i], operation)
	}
	for _, part := range parts {
		slices.SortStableFunc(part, func(a, b porcupine.Operation) int { return int(a.Call - b.Call) })
	}
	return parts
}
