package account

import (
	"slices"
	"strings"
	"testing"
)

// herdOf is two servers: Farmar, which lives on, and Hill, whose second life it is.
type herdOf struct {
	books  *Books
	farmar Evidence
	hill   Evidence
}

// wellKept is a herd in which a report of a client was acknowledged by Farmar, had by
// both servers, and is held by both.
func wellKept() *herdOf {
	h := &herdOf{
		books:  NewBooks(order),
		farmar: Evidence{Life{"Farmar", 1}, &Received{Ever: Newest{}, Since: Newest{}}, Newest{}},
		hill:   Evidence{Life{"Hill", 3}, &Received{Ever: Newest{}, Since: Newest{}}, Newest{}},
	}
	r := h.report(10)
	h.books.Acknowledge(h.farmar.Life, r)
	for _, e := range []*Evidence{&h.farmar, &h.hill} {
		e.Received.Ever.Take(order, r)
		e.Received.Since.Take(order, r)
	}
	h.hold(r)
	return h
}

// report makes a report that somebody has sent.
func (h *herdOf) report(second int) *Report {
	r := at("kiwi", second)
	h.books.Issue("Farmar", "kiwi", "+1+1", string(r.record.Time))
	return r
}

// hold lets both servers hold a report.
func (h *herdOf) hold(r *Report) {
	h.farmar.Held, h.hill.Held = Newest{}, Newest{}
	if r != nil {
		h.farmar.Held["kiwi"], h.hill.Held["kiwi"] = r, r
	}
}

func (h *herdOf) settle(journals bool) *Account {
	return h.books.Settle([]Evidence{h.farmar, h.hill}, journals)
}

func TestWhatIsKeptIsRight(t *testing.T) {
	h := wellKept()
	a := h.settle(true)
	if len(a.Wrong) > 0 || a.Acknowledged != 1 || a.Clients != 1 || a.Holders != 1 || a.Without+a.Lost != 0 || !slices.Equal(a.Receivers, []int{0, 0, 1}) {
		t.Errorf("the account is %+v", a)
	}
	// A newer one, which was sent and never acknowledged, is as good.
	h.hold(h.report(11))
	if a := h.settle(true); len(a.Wrong) > 0 || a.Holders != 1 {
		t.Errorf("the account is %+v", a)
	}
}

func TestEachKindOfLossIsNoticed(t *testing.T) {
	for _, test := range []struct {
		name     string
		journals bool
		harm     func(*herdOf)
		want     string
	}{
		{"it is gone from all", false, func(h *herdOf) { h.hold(nil) }, "Hill holds nothing, and a server that has lived on had received"},
		{"an older one is held", false, func(h *herdOf) { h.hold(h.report(9)) }, "had received"},
		{"it is gone from one", false, func(h *herdOf) { h.hill.Held = Newest{} }, "Farmar holds records of 1 clients, and Hill of 0"},
		{"the bytes differ", false, func(h *herdOf) { h.hill.Held = Newest{"kiwi": h.report(11)} }, "and Hill AT Farmar"},
		{"one that nobody reported", false, func(h *herdOf) { h.hold(at("kiwi", 11)) }, "nobody has reported that"},
		{"its log alone tells that a server had it", false, func(h *herdOf) {
			h.books = NewBooks(order)
			h.report(10)
			h.hold(nil)
		}, "had received"},
		{"its acknowledgement alone tells that a server had it", false, func(h *herdOf) {
			h.farmar.Received, h.hill.Received = &Received{}, &Received{}
			h.hold(nil)
		}, "had received"},
		{"who had it has not lived on, but there are journals", true, func(h *herdOf) {
			h.farmar.Life.Number, h.farmar.Received.Since, h.hill.Received.Since = 4, Newest{}, Newest{}
			h.hold(nil)
		}, "which keep journals"},
	} {
		h := wellKept()
		test.harm(h)
		a := h.settle(test.journals)
		if !strings.Contains(strings.Join(a.Wrong, "\n"), test.want) {
			t.Errorf("%s: found %q, want %q", test.name, a.Wrong, test.want)
		}
	}
}

// What only servers had that were killed may be lost, and is counted.
func TestALossWithoutAHolderIsCounted(t *testing.T) {
	h := wellKept()
	h.farmar.Life.Number = 4
	h.farmar.Received.Since, h.hill.Received.Since = Newest{}, Newest{}
	if a := h.settle(false); len(a.Wrong) > 0 || a.Holders != 0 || a.Without != 1 || a.Lost != 0 {
		t.Errorf("it is held nevertheless, and the account is %+v", a)
	}
	h.hold(nil)
	if a := h.settle(false); len(a.Wrong) > 0 || a.Without != 1 || a.Lost != 1 || a.Receivers[2] != 1 {
		t.Errorf("it is lost, and the account is %+v", a)
	}
}

// Strangers can say what they like to a server, and it stands in its log.
func TestWhatStrangersSayIsNobodysLoss(t *testing.T) {
	h := wellKept()
	h.farmar.Received.Since.Take(order, at("hostile", 10))
	if a := h.settle(true); len(a.Wrong) > 0 {
		t.Errorf("the account is %+v", a)
	}
}

func TestWhatIsWrongIsToldWithinBounds(t *testing.T) {
	var a Account
	for range 3 * mostWrong {
		a.wrong("again")
	}
	if len(a.Wrong) != mostWrong+1 {
		t.Errorf("%d lines tell what is wrong", len(a.Wrong))
	}
}
