package herd

import (
	"bytes"
	"errors"
	"slices"
	"testing"
)

// twoEnds are two stores that differ in each way in which they can.
func twoEnds(t testing.TB) (a, b *end) {
	_, a = fuzzNode(t, 0)
	_, b = fuzzNode(t, 0)
	for i := range 30 {
		a.put(t, reportOf(i, i%7), false)
		b.put(t, reportOf(i, i%5), false)
	}
	for i := range 5 {
		a.put(t, reportOf(100+i, 0), false)
		b.put(t, reportOf(200+i, 0), false)
	}
	return a, b
}

// dialogue lets a compare itself with b, in exchanges of one line each way as
// far as there are any. Before the answer of that number, counted from 0, slip
// may slip in.
func dialogue(t testing.TB, a, b *end, number uint64, slip func(c *Comparison, answer int, true []byte) Outcome) (outcome Outcome) {
	c := NewComparison(a.store, fuzzBits, number)
	c.Start(a)
	for answers := 0; outcome == Comparing && len(a.sent)+len(b.sent) > 0; {
		for ; len(a.sent) > 0; a.sent = a.sent[1:] {
			line := withoutEnd(a.sent[0])
			if KindOf(line) == ATLine {
				b.put(t, string(line), false)
			} else if _, err := Answer(b.store, fuzzBits, line, b); err != nil {
				t.Fatalf("an honest end cannot read %q: %v", line, err)
			}
		}
		if len(b.sent) == 0 {
			return outcome
		}
		line := withoutEnd(b.sent[0])
		b.sent = b.sent[1:]
		if KindOf(line) == ATLine {
			a.put(t, string(line), false)
			continue
		}
		if outcome = slip(c, answers, line); outcome == Comparing {
			// After a lie the truth may be what nobody asks for.
			outcome, _ = c.Receive(line, a)
		}
		answers++
	}
	return outcome
}

func noLie(*Comparison, int, []byte) Outcome { return Comparing }

// FuzzAnswer: whatever a neighbour answers, and whenever, the asker's store stays
// as it is, it asks no more than is allowed, sends no record twice, and can
// compare itself with an honest neighbour afterwards.
func FuzzAnswer(f *testing.F) {
	a, b := twoEnds(f)
	dialogue(f, a, b, 1, func(_ *Comparison, answer int, line []byte) Outcome {
		f.Add(uint8(answer), bytes.Clone(line))
		f.Add(uint8(answer), bytes.Replace(line, []byte(" last "), []byte(" more "), 1))
		data := line[bytes.LastIndexByte(line, ' ')+1:]
		f.Add(uint8(answer), line[:len(line)-len(data)])
		f.Add(uint8(answer), slices.Concat(line, data, []byte("AA"))) // 11 letters twice are no numbers, 22 and 2 are
		return Comparing
	})
	for _, line := range []string{"BUSY 1", "ALL 1", "SUMS 1 0 0 0 AAAAAAAAAAA", "SUMS 1 0 0 5 AAAAAAAAAAE", "RECORDS 1 6 1 18446744073709551615 18446744073709551615"} {
		f.Add(uint8(0), []byte(line))
	}
	f.Fuzz(func(t *testing.T, at uint8, lie []byte) {
		a, b := twoEnds(t)
		dialogue(t, a, b, 1, func(c *Comparison, answer int, _ []byte) Outcome {
			if answer != int(at) || KindOf(lie) != AnswerLine {
				return Comparing
			}
			root, sent := a.store.Root(), len(a.sent)
			outcome, err := c.Receive(lie, a)
			if err != nil && (!errors.Is(err, ErrBadQuestion) || outcome != Comparing || len(a.sent) > sent) {
				t.Fatalf("%q: %d, %v, sent %q", lie, outcome, err, a.sent[sent:])
			}
			if a.store.Root() != root {
				t.Fatalf("%q has changed the store", lie)
			}
			if len(c.asked) > window || len(c.suspects) > 1<<fuzzBits || c.Differ() > len(c.suspects) || len(c.theirs) > numbersPerLine {
				t.Fatalf("after %q there are %d questions, %d suspects, %d of them different, %d hashes",
					lie, len(c.asked), len(c.suspects), c.Differ(), len(c.theirs))
			}
			return outcome
		})
		if a.records > a.store.Len() {
			t.Fatalf("of %d records %d were sent", a.store.Len(), a.records)
		}
		a.sent, b.sent = nil, nil
		if outcome := dialogue(t, a, b, 2, noLie); outcome != Compared {
			t.Fatalf("after %q an honest comparison comes to %d", lie, outcome)
		}
		deliver(t, a, b)
		if a.store.Root() != b.store.Root() || a.store.Len() != 40 {
			t.Fatalf("after %q and an honest comparison they hold %d and %d records", lie, a.store.Len(), b.store.Len())
		}
	})
}
