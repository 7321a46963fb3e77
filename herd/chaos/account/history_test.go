package account

import (
	"testing"
	"time"
)

// moment is so many milliseconds after the histories' beginning.
func moment(n int) time.Time { return began.Add(time.Duration(n) * time.Millisecond) }

// first and second are two lives of one server.
var first, second = Life{"Farmar", 1}, Life{"Farmar", 2}

// histories tells for each history whether records only rose in it.
var histories = []struct {
	name  string
	rises bool
	write func(*History)
}{
	{"nothing happened", true, func(*History) {}},
	{"records rise", true, func(h *History) {
		h.Shown(first, "kiwi", moment(0), moment(1), nil)
		h.Shown(first, "kiwi", moment(2), moment(3), at("kiwi", 1))
		h.Shown(first, "kiwi", moment(4), moment(5), at("kiwi", 1))
		h.Shown(first, "kiwi", moment(6), moment(7), at("kiwi", 2))
	}},
	{"an older record after a newer one", false, func(h *History) {
		h.Shown(first, "kiwi", moment(0), moment(1), at("kiwi", 2))
		h.Shown(first, "kiwi", moment(2), moment(3), at("kiwi", 1))
	}},
	{"the same, written down in another order", false, func(h *History) {
		h.Shown(first, "kiwi", moment(2), moment(3), at("kiwi", 1))
		h.Shown(first, "kiwi", moment(0), moment(1), at("kiwi", 2))
	}},
	{"nothing after something", false, func(h *History) {
		h.Shown(first, "kiwi", moment(0), moment(1), at("kiwi", 2))
		h.Shown(first, "kiwi", moment(2), moment(3), nil)
	}},
	{"both while the other waits", true, func(h *History) {
		h.Shown(first, "kiwi", moment(0), moment(3), at("kiwi", 2))
		h.Shown(first, "kiwi", moment(1), moment(2), at("kiwi", 1))
	}},
	{"an older one in between two that wait for a long time", false, func(h *History) {
		h.Shown(first, "kiwi", moment(0), moment(9), at("kiwi", 1))
		h.Shown(first, "kiwi", moment(1), moment(2), at("kiwi", 3))
		h.Shown(first, "kiwi", moment(3), moment(9), at("kiwi", 2))
	}},
	{"an older one in the next life", true, func(h *History) {
		h.Shown(first, "kiwi", moment(0), moment(1), at("kiwi", 2))
		h.Shown(second, "kiwi", moment(2), moment(3), at("kiwi", 1))
	}},
	{"an older one at another server", true, func(h *History) {
		h.Shown(first, "kiwi", moment(0), moment(1), at("kiwi", 2))
		h.Shown(Life{"Hill", 3}, "kiwi", moment(2), moment(3), at("kiwi", 1))
	}},
	{"an older one of another client", true, func(h *History) {
		h.Shown(first, "kiwi", moment(0), moment(1), at("kiwi", 2))
		h.Shown(first, "plum", moment(2), moment(3), at("plum", 1))
	}},
	{"a record older than one acknowledged before", false, func(h *History) {
		h.Acknowledged(first, moment(0), moment(1), at("kiwi", 2))
		h.Shown(first, "kiwi", moment(2), moment(3), at("kiwi", 1))
	}},
	{"the same while the acknowledgement is on its way", true, func(h *History) {
		h.Acknowledged(first, moment(0), moment(4), at("kiwi", 2))
		h.Shown(first, "kiwi", moment(2), moment(3), at("kiwi", 1))
	}},
	{"an old report is acknowledged, and changes nothing", true, func(h *History) {
		h.Shown(first, "kiwi", moment(0), moment(1), at("kiwi", 2))
		h.Acknowledged(first, moment(2), moment(3), at("kiwi", 1))
		h.Shown(first, "kiwi", moment(4), moment(5), at("kiwi", 2))
	}},
	{"an old report is acknowledged, and shown", false, func(h *History) {
		h.Shown(first, "kiwi", moment(0), moment(1), at("kiwi", 2))
		h.Acknowledged(first, moment(2), moment(3), at("kiwi", 1))
		h.Shown(first, "kiwi", moment(4), moment(5), at("kiwi", 1))
	}},
}

func TestPorcupineFindsRecordsThatFall(t *testing.T) {
	for _, test := range histories {
		var h History
		test.write(&h)
		v := h.Check(order, time.Minute)
		if rises := len(v.Wrong) == 0; rises != test.rises {
			t.Errorf("%s: found %q, in %d places", test.name, v.Wrong, v.Places)
		}
	}
}

// A long history is decided, with an error at its end too.
func TestALongHistoryIsDecided(t *testing.T) {
	const length = 5_000
	for _, last := range []int{length, 1} {
		var h History
		for i := range length {
			h.Shown(first, "kiwi", moment(2*i), moment(2*i+5), at("kiwi", i)) // three at a time
		}
		h.Shown(first, "kiwi", moment(3*length), moment(3*length+1), at("kiwi", last))
		v := h.Check(order, time.Minute)
		if h.Reads() != length+1 || v.Places != 1 || (len(v.Wrong) == 0) != (last == length) {
			t.Errorf("%d reads in %d places end with %d: %q", h.Reads(), v.Places, last, v.Wrong)
		}
	}
}
