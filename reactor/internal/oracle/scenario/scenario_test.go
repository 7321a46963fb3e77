package scenario

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestQuote(t *testing.T) {
	for plain, want := range map[string]string{
		"":              `""`,
		"line 1\r\n":    `"line\x201\x0d\x0a"`,
		`a"b\c`:         `"a\x22b\x5cc"`,
		"~\x7f\x00\xff": `"~\x7f\x00\xff"`,
	} {
		if got := Quote(plain); got != want {
			t.Errorf("Quote(%q) = %s, want %s", plain, got, want)
		}
	}
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	word := Quote(every)
	if back, ok := Unquote(word); !ok || !bytes.Equal(back, every) || len(strings.Fields(word)) != 1 {
		t.Fatalf("%s gave %q back", word, back)
	}
	for _, wrong := range []string{"", `"`, "a", `"a`, `a"`, `"\"`, `"\x1"`, `"\n00"`, `"\xgg"`} {
		if data, ok := Unquote(wrong); ok {
			t.Errorf("Unquote(%s) = %q", wrong, data)
		}
	}
}

func FuzzQuote(f *testing.F) {
	f.Add([]byte("a\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if back, ok := Unquote(Quote(data)); !ok || !bytes.Equal(back, data) {
			t.Fatalf("%q came back as %q", data, back)
		}
	})
}

// TestStage plays a script whose statements note themselves, wait, and panic.
func TestStage(t *testing.T) {
	script := Script{
		"in turn 2: say inner one",
		"in turn 2: panic",
		"in turn 2: say never",
		"turn",
		"turn",
		"say last 7",
	}
	name := func(recovered any) string { return recovered.(string) }
	got := Play(script, name, func(s *Stage) func(Words) {
		return func(w Words) {
			switch w.Word(0) {
			case "say":
				s.Note("said", w.Word(1), w.Word(2), w.Int(2), w.Int(9), len(w.Bytes(1)))
			case "turn":
				s.Note("turned")
				s.Enter("turn")
			case "panic":
				panic("Boom")
			}
		}
	})
	want := Transcript{"turned", "turned", "said inner one 0 0 0", "raised Boom", "said last 7 7 0 0"}
	if !slices.Equal(got, want) {
		t.Fatalf("got %q, want %q", got, want)
	}
}

func TestKinds(t *testing.T) {
	for statement, want := range map[string]string{
		"pause":                   "pause",
		`data "a:\x20b"`:          "data",
		"in line 12: data \"x\"":  "line: data",
		"in exceeded 1: lose":     "exceeded: lose",
		`in raw 2: lineMode "a:"`: "raw: lineMode",
	} {
		if got := StatementKind(statement); got != want {
			t.Errorf("%s is a %q, want %q", statement, got, want)
		}
	}
	if got := EventKind("line \"a\""); got != "line" {
		t.Errorf("a %q", got)
	}
}

// TestComparable: the earliest difference ends the comparison, and one of later
// versions none with the original.
func TestComparable(t *testing.T) {
	f := Family{Differences: []Difference{
		{Rule: "both", From: First("both")},
		{Rule: "later", Later: true, From: First("later")},
	}}
	for _, test := range []struct {
		version string
		ours    Transcript
		length  int
		rule    string
	}{
		{"22.4.0", Transcript{"a", "b"}, 2, ""},
		{"22.4.0", Transcript{"a", "later 1", "both 1"}, 1, "later"},
		{"22.4.0", Transcript{"both", "later"}, 0, "both"},
		{Original, Transcript{"a", "later 1", "both 1"}, 2, "both"},
		{Original, Transcript{"later"}, 1, ""},
	} {
		length, ends := f.Comparable(test.version, nil, test.ours)
		rule := ""
		if ends != nil {
			rule = ends.Rule
		}
		if length != test.length || rule != test.rule {
			t.Errorf("%s, %q: %d events, ended by %q", test.version, test.ours, length, rule)
		}
	}
}

// TestScript: scripts depend on the seed and on the family's name.
func TestScript(t *testing.T) {
	generate := func(r *rand.Rand) Script {
		d := &Draw{Rand: r}
		for range 20 {
			d.Say("%d", d.Between(0, 9))
		}
		return d.Script
	}
	a, b := Family{Name: "a", Generate: generate}, Family{Name: "b", Generate: generate}
	if !slices.Equal(a.Script(1), a.Script(1)) {
		t.Fatal("a seed has two scripts")
	}
	if slices.Equal(a.Script(1), a.Script(2)) || slices.Equal(a.Script(1), b.Script(1)) {
		t.Fatal("two seeds, or two families, have one script")
	}
}

func TestDraw(t *testing.T) {
	d := &Draw{Rand: rand.New(rand.NewPCG(1, 2))}
	seen := make(map[int]bool)
	for range 1000 {
		data := d.Bytes(d.IntN(300), "ab")
		chunks := d.Chunks(data)
		if !bytes.Equal(bytes.Join(chunks, nil), data) || slices.ContainsFunc(chunks, func(c []byte) bool { return len(c) == 0 }) {
			t.Fatalf("%q was cut into %q", data, chunks)
		}
		seen[d.Between(2, 4)] = true
		if d.Chance(0) || !d.Chance(100) {
			t.Fatal("what cannot be was, or what must be was not")
		}
	}
	if len(seen) != 3 || !seen[2] || !seen[4] {
		t.Fatalf("between 2 and 4: %v", seen)
	}
}

func TestTicks(t *testing.T) {
	if got := (Words{"advance", "-3"}).Ticks(1); got != -750*time.Millisecond || InTicks(got) != -3 {
		t.Fatalf("-3 ticks are %v", got)
	}
}
