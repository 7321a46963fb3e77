package herd

import (
	"bytes"
	"testing"
)

func TestParseCommand(t *testing.T) {
	for _, c := range []struct {
		line string
		want string // the fields that were read, joined by "|"; empty: refused
	}{
		{"IAMAT kiwi.cs.ucla.edu +27.5916+086.5640 1353118103.108893381", "IAMAT|kiwi.cs.ucla.edu|+27.5916+086.5640|1353118103.108893381"},
		{"WHATSAT kiwi.cs.ucla.edu 100 2", "WHATSAT|kiwi.cs.ucla.edu|100|2"},
		{" \t\r\f\vIAMAT\t\tkiwi \v +0+0\r1\f ", "IAMAT|kiwi|+0+0|1"},
		{"IAMAT \xff\xfe\x00 +0+0 1", "IAMAT|\xff\xfe\x00|+0+0|1"},
		{"IAMAT a\u00a0b\u0085 +0+0 1", "IAMAT|a\u00a0b\u0085|+0+0|1"}, // these separate nothing
		{"IAMAT a\x1cb\x1f +0+0 1", "IAMAT|a\x1cb\x1f|+0+0|1"},
		{"WHATSAT IAMAT 0 0", "WHATSAT|IAMAT|0|0"},
		{"WHATSAT x 0007.50 007", "WHATSAT|x|0007.50|7"},
		{"WHATSAT x 1 99999999999999999999999999", "WHATSAT|x|1|9223372036854775807"},
		{"WHATSAT x 1 9223372036854775808", "WHATSAT|x|1|9223372036854775807"},
		{"WHATSAT x 1 9223372036854775809", "WHATSAT|x|1|9223372036854775807"},
		{"WHATSAT x 1 12345678901234567890", "WHATSAT|x|1|9223372036854775807"},
		{line: ""},
		{line: " "},
		{line: "IAMAT"},
		{line: "IAMAT kiwi +0+0"},
		{line: "IAMAT kiwi +0+0 1 x"},
		{line: "iamat kiwi +0+0 1"},
		{line: "IAMATkiwi +0+0 1 2"},
		{line: "IAMAT kiwi +0+0 -1"},
		{line: "IAMAT kiwi +0 1"},
		{line: "IAMAT\u00a0kiwi +0+0 1"},
		{line: "AT Farmar +0.563873386 kiwi +0+0 1"},
		{line: "AT kiwi +0+0 1"},
		{line: "WHATSAT kiwi 1"},
		{line: "WHATSAT kiwi 1 2 3"},
		{line: "WHATSAT kiwi -1 2"},
		{line: "WHATSAT kiwi +1 2"},
		{line: "WHATSAT kiwi 1e3 2"},
		{line: "WHATSAT kiwi .5 2"},
		{line: "WHATSAT kiwi 5. 2"},
		{line: "WHATSAT kiwi 1 2.0"},
		{line: "WHATSAT kiwi 1 -2"},
		{line: "WHATSAT kiwi 1 +2"},
		{line: "WHATSAT kiwi 1 two"},
	} {
		var cmd Command
		got := ""
		if ParseCommand([]byte(c.line), &cmd) {
			got = joinCommand(&cmd)
		}
		if got != c.want {
			t.Errorf("%q was read as %q, want %q", c.line, got, c.want)
		}
	}
}

// joinCommand shows what was read, for comparing.
func joinCommand(c *Command) string {
	parts := [][]byte{[]byte(c.Verb.String()), c.ID, c.Location, c.Time}
	if c.Verb == WHATSAT {
		parts[2], parts[3] = c.Radius, AppendDifference(nil, Timestamp{Sec: int64(c.Limit)})
		parts[3] = bytes.TrimSuffix(parts[3][1:], []byte(".000000000"))
	}
	return string(bytes.Join(parts, []byte("|")))
}

func TestCommandsAgainstSlowParser(t *testing.T) {
	r := newRandom(4)
	const rounds = 40_000
	accepted := map[Verb]int{}
	var c Command
	for range rounds {
		line := r.command()
		ok := ParseCommand(line, &c)
		if ok != slowCommand(t, line) {
			t.Fatalf("ParseCommand(%q) says %v", line, ok)
		}
		if !ok {
			c.Verb = Invalid
		}
		if ok && string(c.ID) != slowFields(line)[1] {
			t.Fatalf("%q is about %q?", line, c.ID)
		}
		accepted[c.Verb]++
	}
	for _, v := range []Verb{Invalid, IAMAT, WHATSAT} {
		if accepted[v] < rounds/50 {
			t.Errorf("only %d of %d lines were %v: the test says little of them", accepted[v], rounds, v)
		}
	}
}

func TestBounds(t *testing.T) {
	places := Bounds{MaxRadius: "50", MaxLimit: 20}
	for _, c := range []struct {
		bounds Bounds
		radius string
		limit  int
		want   bool
	}{
		{Bounds{}, "0", 0, true},
		{Bounds{}, "100", 100, true},
		{Bounds{}, "100", 101, false},
		{Bounds{}, "99999999999999999999999999999999999", 2, true}, // the upstream's to refuse
		{places, "50", 20, true},
		{places, "50.000", 20, true},
		{places, "00050", 20, true},
		{places, "49.99999999999999999999999999", 20, true},
		{places, "50.00000000000000000000000001", 20, false},
		{places, "51", 1, false},
		{places, "100", 1, false},
		{places, "9", 1, true},
		{places, "50", 21, false},
		{Bounds{MaxRadius: "7.50"}, "7.5", 1, true},
		{Bounds{MaxRadius: "7.50"}, "7.49", 1, true},
		{Bounds{MaxRadius: "7.50"}, "7.6", 1, false},
		{Bounds{MaxRadius: "7.50"}, "8", 1, false},
	} {
		if got := c.bounds.Allow([]byte(c.radius), c.limit); got != c.want {
			t.Errorf("%+v allow %q, %d: %v", c.bounds, c.radius, c.limit, got)
		}
	}
}

func TestEndsInHTTPVersion(t *testing.T) {
	for line, want := range map[string]bool{
		"GET / HTTP/1.1":             true,
		"POST /IAMAT HTTP/1.0\r":     true,
		"x HTTP/1.9 \t\r":            true,
		" HTTP/1.1":                  true,
		"HTTP/1.1":                   false,
		"GET /HTTP/1.1":              false,
		"GET / HTTP/1.":              false,
		"GET / HTTP/1.x":             false,
		"GET / HTTP/1.11":            false,
		"GET / HTTP/2.0":             false,
		"GET / http/1.1":             false,
		"GET / HTTP/1.1 x":           false,
		"":                           false,
		"WHATSAT kiwi.cs.ucla.edu 1": false,
	} {
		if got := EndsInHTTPVersion([]byte(line)); got != want {
			t.Errorf("EndsInHTTPVersion(%q) = %v", line, got)
		}
	}
}
