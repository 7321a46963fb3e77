package herd

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

const kiwiAT = "AT Farmar +0.563873386 kiwi.cs.ucla.edu +27.5916+086.5640 1353118103.108893381"

// record reads an AT line that the test knows to be good.
func record(t testing.TB, line string) *Record {
	t.Helper()
	r := new(Record)
	if err := ParseAT([]byte(line), r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestParseAT(t *testing.T) {
	r := record(t, kiwiAT)
	fields := []string{string(r.Server), string(r.Difference), string(r.ID), string(r.Location), string(r.Time)}
	want := []string{"Farmar", "+0.563873386", "kiwi.cs.ucla.edu", "+27.5916+086.5640", "1353118103.108893381"}
	if !slices.Equal(fields, want) {
		t.Errorf("the fields are %q", fields)
	}
	if r.Client != (Timestamp{1353118103, 108893381}) || r.Received != (Timestamp{1353118103, 672766767}) {
		t.Errorf("the times are %v and %v", r.Client, r.Received)
	}
}

func TestParseATRefuses(t *testing.T) {
	for _, c := range []struct {
		line string
		want error
	}{
		{"", ErrNotAT},
		{"at Farmar +0.563873386 kiwi +0+0 1", ErrNotAT},
		{"IAMAT kiwi +0+0 1", ErrNotAT},
		{"AT", ErrFieldCount},
		{"AT Farmar +0.563873386 kiwi +0+0", ErrFieldCount},
		{kiwiAT + " more", ErrFieldCount},
		{"AT Farmar 0.563873386 kiwi +0+0 1", ErrBadDifference},
		{"AT Farmar +0.5638733860 kiwi +0+0 1", ErrBadDifference},
		{"AT Farmar +0.563873386 kiwi +91+0 1", ErrBadLocation},
		{"AT Farmar +0.563873386 kiwi +0+0 1e9", ErrBadTime},
		{"AT Farmar +0.563873386 " + strings.Repeat("k", MaxPeerLine) + " +0+0 1", ErrPeerLineTooLong},
	} {
		err := ParseAT([]byte(c.line), new(Record))
		if !errors.Is(err, c.want) {
			t.Errorf("%.80q: %v, want %v", c.line, err, c.want)
		}
		if len(err.Error()) > 250 || strings.ContainsAny(err.Error(), "\n\r\x00") {
			t.Errorf("not fit for a log: %q", err)
		}
	}
}

func TestATLineOfExactlyTheLimit(t *testing.T) {
	rest := "AT Farmar +0.563873386  +0+0 1"
	id := strings.Repeat("k", MaxPeerLine-len(rest))
	if err := ParseAT([]byte("AT Farmar +0.563873386 "+id+" +0+0 1"), new(Record)); err != nil {
		t.Errorf("a line of %d bytes: %v", MaxPeerLine, err)
	}
	if err := ParseAT([]byte("AT Farmar +0.563873386 "+id+"k +0+0 1"), new(Record)); !errors.Is(err, ErrPeerLineTooLong) {
		t.Errorf("a line of %d bytes: %v", MaxPeerLine+1, err)
	}
}

// Whatever separates a neighbour's fields, the line that goes on is canonical.
func TestAppendLineIsCanonical(t *testing.T) {
	for _, line := range []string{
		kiwiAT,
		" " + kiwiAT,
		kiwiAT + " \r",
		strings.ReplaceAll(kiwiAT, " ", "\t"),
		strings.ReplaceAll(kiwiAT, " ", " \v\f "),
		strings.Replace(kiwiAT, " +27", "\t+27", 1),
		strings.Replace(kiwiAT, " 135", "\t135", 1),
	} {
		if got := string(record(t, line).AppendLine(nil)); got != kiwiAT+"\n" {
			t.Errorf("%q goes on as %q", line, got)
		}
	}
}

func TestParseATAgainstSlowParser(t *testing.T) {
	r := newRandom(5)
	const rounds = 25_000
	accepted := 0
	var parsed Record
	for range rounds {
		line := r.at()
		err := ParseAT(line, &parsed)
		if (err == nil) != slowAT(t, line) {
			t.Fatalf("ParseAT(%q): %v", line, err)
		}
		if err != nil {
			continue
		}
		accepted++
		if got, want := string(parsed.AppendLine(nil)), strings.Join(slowFields(line), " ")+"\n"; got != want {
			t.Fatalf("%q goes on as %q", line, got)
		}
	}
	if accepted < rounds/20 || accepted > rounds*9/10 {
		t.Errorf("%d of %d lines were accepted: the test says little of the other kind", accepted, rounds)
	}
}

// The order of the definition, one rule at a time: each line is newer than the
// one before it by the rule that is named, whatever the later rules say.
func TestCompareRules(t *testing.T) {
	const future = 5 * time.Minute
	for _, c := range []struct{ rule, older, newer string }{
		{"effective time", "AT Z +0.000000009 k +9+9 1000", "AT A +0.000000000 k +0+0 1001"},
		{"a clock far ahead counts as receipt + future", "AT Z -9000.000000000 k +9+9 10000", "AT A +0.000000000 k +0+0 1301"},
		{"client's time, of equal effective times", "AT Z +0.000000000 k +9+9 1300", "AT A -400.000000000 k +0+0 1400"},
		{"server", "AT A +9.000000000 k +9+9 1000.0", "AT B +0.000000000 k +0+0 1000"},
		{"location", "AT A +9.000000000 k +0+0 1000.0", "AT A +0.000000000 k +1+0 1000"},
		{"time's text", "AT A +9.000000000 k +0+0 1000", "AT A +0.000000000 k +0+0 1000.0"},
		{"difference's text", "AT A +0.000000000 k +0+0 1000", "AT A -0.000000000 k +0+0 1000"},
	} {
		older, newer := record(t, c.older), record(t, c.newer)
		if Compare(older, newer, future) >= 0 || Compare(newer, older, future) <= 0 {
			t.Errorf("%s does not decide between %q and %q", c.rule, c.older, c.newer)
		}
		if Compare(older, older, future) != 0 || Compare(newer, newer, future) != 0 {
			t.Errorf("%s: a record is not the same as itself", c.rule)
		}
	}
}

// smallWorld makes AT lines of one client from so few values that ties of every
// depth are frequent.
func (r random) smallWorld() string {
	return "AT " + r.oneOf("A", "B") + " " +
		r.oneOf("+0.000000000", "-0.000000000", "-300.000000001", "-300.000000000", "-299.999999999", "+1.000000000") +
		" k " + r.oneOf("+0+0", "-0+0", "+00+0") + " " + r.oneOf("1000", "1000.0", "1000.000000001", "700", "1300", "0999.999999999")
}

func TestCompareIsATotalOrder(t *testing.T) {
	const future = 5 * time.Minute
	r := newRandom(6)
	const rounds = 10_000
	equal := 0
	for range rounds {
		text := [3]string{r.smallWorld(), r.smallWorld(), r.smallWorld()}
		a, b, c := record(t, text[0]), record(t, text[1]), record(t, text[2])
		ab, bc, ac := Compare(a, b, future), Compare(b, c, future), Compare(a, c, future)
		if sign(ab) != sign(slowCompare(t, text[0], text[1], future)) || sign(ab) != -sign(Compare(b, a, future)) {
			t.Fatalf("%q against %q: %d", text[0], text[1], ab)
		}
		if ab <= 0 && bc <= 0 && ac > 0 {
			t.Fatalf("the order goes in a circle: %q", text)
		}
		if (ab == 0) != (text[0] == text[1]) {
			t.Fatalf("%q and %q are equal: %v", text[0], text[1], ab == 0)
		}
		if ab == 0 {
			equal++
		}
	}
	if equal == 0 {
		t.Error("no two records were equal: the test says nothing of them")
	}
}

func sign(n int) int { return min(max(n, -1), 1) }
