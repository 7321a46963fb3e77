package upstream

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// randomJSON writes random JSON, with white space wherever it may stand.
type randomJSON struct {
	*rand.Rand
	bytes.Buffer
}

func (w *randomJSON) space() {
	for w.IntN(3) == 0 {
		w.WriteByte(" \t\r\n"[w.IntN(4)])
	}
}

// token writes one of some texts, with space around it.
func (w *randomJSON) token(texts ...string) {
	w.space()
	w.WriteString(texts[w.IntN(len(texts))])
	w.space()
}

var (
	randomNames  = []string{`"a"`, `"a"`, `"results"`, `"data"`, `"query"`, `"\u0061"`, `""`, "\"\xff\"", `"é \" ,:]}"`}
	randomValues = []string{`270123456789012345678`, `1.0e5`, `-0`, `1e400`, `0.10`, `true`, `null`, `"a\/b"`, `"\ud83c\udfc3 \n"`, "\"\xc0\xff\"", `"]},"`, `""`}
)

// value writes any value, at most so deep.
func (w *randomJSON) value(depth int) {
	switch kind := w.IntN(4); {
	case depth == 0 || kind < 2:
		w.token(randomValues...)
	case kind == 2:
		w.list(w.IntN(4), func(int) { w.value(depth - 1) })
	default:
		w.object(w.IntN(4), func(int) { w.token(randomNames...) }, func(int) { w.value(depth - 1) })
	}
}

func (w *randomJSON) list(n int, element func(i int)) {
	w.token("[")
	for i := range n {
		if i > 0 {
			w.token(",")
		}
		element(i)
	}
	w.token("]")
}

func (w *randomJSON) object(n int, name, value func(i int)) {
	w.token("{")
	for i := range n {
		if i > 0 {
			w.token(",")
		}
		name(i)
		w.token(":")
		value(i)
	}
	w.token("}")
}

// TestExactness builds random answers of every kind twice: with white space and a long list, and without any and with
// the list that is left. The one must become the other, byte for byte.
func TestExactness(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	cut := 0
	for _, kind := range kinds {
		for range 500 {
			seed, length, limit := random.Uint64(), random.IntN(12), random.IntN(12)
			text := &randomJSON{Rand: rand.New(rand.NewPCG(seed, 3))}
			answerWith(text, kind.List(), length, func(i int) { fmt.Fprintf(text, `{"i":%d,"v":`, i); text.value(3); text.WriteByte('}') })
			line, err := Compact(nil, text.Bytes())
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			var oracle bytes.Buffer
			if err := json.Compact(&oracle, text.Bytes()); err != nil || !bytes.Equal(line, oracle.Bytes()) {
				t.Fatalf("%q became %q, want %q, %v", text, line, oracle.Bytes(), err)
			}
			got, err := CutList(line, kind.List(), limit)
			if err != nil {
				t.Fatal(err)
			}
			// What is cut is one piece of the line, from the end of an element to the list's bracket.
			want := line
			if length > limit {
				want = withoutElements(t, line, limit)
				cut++
			}
			if !bytes.Equal(got, want) {
				t.Fatalf("%s, limit %d: %q became %q, want %q", kind.Name(), limit, line, got, want)
			}
		}
	}
	if cut < 1000 {
		t.Errorf("only %d lists were cut", cut)
	}
}

// answerWith writes an object with random members around the kind's list, each element of which holds its number.
func answerWith(w *randomJSON, path []string, length int, element func(i int)) {
	if len(path) == 0 {
		w.list(length, element)
		return
	}
	place := w.IntN(3)
	w.object(3, func(i int) {
		if i == place {
			w.token(`"` + path[0] + `"`)
		} else {
			w.token(`"other"`, `"Results"`, `"a"`, `"a"`)
		}
	}, func(i int) {
		if i == place {
			answerWith(w, path[1:], length, element)
		} else {
			w.value(3)
		}
	})
}

// withoutElements takes the elements from limit on out of a compact line, finding them by their numbers: {"i":7,"v":
// stands nowhere else.
func withoutElements(t *testing.T, line []byte, limit int) []byte {
	t.Helper()
	first := bytes.Index(line, fmt.Appendf(nil, `{"i":%d,"v":`, limit))
	start := first
	if limit > 0 {
		start-- // the comma
	}
	end := first
	for d := json.NewDecoder(bytes.NewReader(line[first:])); ; d = json.NewDecoder(bytes.NewReader(line[end:])) {
		var element json.RawMessage
		if err := d.Decode(&element); err != nil {
			t.Fatal(err)
		}
		if end += len(element); line[end] == ']' {
			return slices.Concat(line[:start], line[end:])
		}
		end++ // the comma
	}
}

// TestStatedOutcomes are those of docs/upstreams.md.
func TestStatedOutcomes(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	large := `{"results":["` + strings.Repeat("a", 10<<20) + `"]}`
	const notJSON, tooLong = `{"error":"twitter's answer was not JSON"}`, `{"error":"twitter's answer is too long"}`
	for _, test := range []struct {
		name, body string
		maxAnswer  int64
		want       string
		err        error
	}{
		{"invalid UTF-8 in a string", "{\"a\": \"\xff\xc0\"}", 0, "{\"a\":\"\xff\xc0\"}", nil},
		{"invalid UTF-8 outside of one", "{\"a\": \xff}", 0, notJSON, ErrNotJSON},
		{"a key twice", `{"a": 1, "a": 2}`, 0, `{"a":1,"a":2}`, nil},
		{"the list's key twice", `{"results":[1,2,3],"results":[4,5,6]}`, 0, `{"results":[1,2],"results":[4,5]}`, nil},
		{"1,000 deep", deep(1000), 0, deep(1000), nil},
		{"10,000 deep", deep(10000), 0, deep(10000), nil},
		{"10,001 deep", deep(10001), 0, notJSON, ErrNotJSON},
		{"10 MB", large, 0, tooLong, ErrTooLong},
		{"10 MB, allowed", large, 16 << 20, large, nil},
		{"text after the value", `{} {}`, 0, notJSON, ErrNotJSON},
		{"white space after the value", "{}\r\n\t ", 0, `{}`, nil},
		{"a byte order mark", "\uFEFF{}", 0, `{}`, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubbled(t, Config{MaxAnswer: test.maxAnswer}, func(int, *http.Request) (*http.Response, error) {
				return said(200, test.body)
			}, func(t *testing.T, c *Client, _ *service) {
				if got := c.Fetch(t.Context(), somewhere); string(got.Line) != test.want || !errors.Is(got.Err, test.err) {
					t.Errorf("%.100s, %v", got.Line, got.Err)
				}
			})
		})
	}
}
