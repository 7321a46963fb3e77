package upstream

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestCutList(t *testing.T) {
	results, geosearch := []string{"results"}, []string{"query", "geosearch"}
	tests := []struct {
		name  string
		line  string
		path  []string
		limit int
		want  string // "" for: the line itself
	}{
		{"too many", `{"a":1,"results":[1,2,3],"z":2}`, results, 2, `{"a":1,"results":[1,2],"z":2}`},
		{"just enough", `{"results":[1,2]}`, results, 2, ""},
		{"fewer", `{"results":[1]}`, results, 2, ""},
		{"none", `{"results":[]}`, results, 0, ""},
		{"cut to none", `{"results":[{"a":[1]},2]}`, results, 0, `{"results":[]}`},
		{"a limit below none", `{"results":[1]}`, results, -1, `{"results":[]}`},
		{"cut to one", `{"results":[{"a":[1,2,3]},2,3]}`, results, 1, `{"results":[{"a":[1,2,3]}]}`},
		{"elements of every sort", `{"results":["],",{"results":[1,2,3]},[[],[]],null,-1.0e5,true]}`, results, 4, `{"results":["],",{"results":[1,2,3]},[[],[]],null]}`},
		{"number text stays", `{"results":[1.0e5,2],"max_id":270123456789012345678}`, results, 1, `{"results":[1.0e5],"max_id":270123456789012345678}`},
		{"a list of that name elsewhere", `{"a":{"results":[1,2]},"b":[{"results":[1,2]}]}`, results, 1, ""},
		{"no such key", `{"Results":[1,2]}`, results, 1, ""},
		{"no list under it", `{"results":{"results":[1,2]}}`, results, 1, ""},
		{"a string that looks like it", `{"a":"results","b":[1,2]}`, results, 1, ""},
		{"the key comes twice", `{"results":[1,2],"a":0,"results":[3,4,5]}`, results, 1, `{"results":[1],"a":0,"results":[3]}`},
		{"the key is escaped", `{"result\u0073":[1,2]}`, results, 1, `{"result\u0073":[1]}`},
		{"another key is escaped", `{"result\u0053":[1,2],"\"results":[1,2]}`, results, 1, ""},
		{"a path of two", `{"query":{"a":[1,2],"geosearch":[1,2]},"geosearch":[1,2]}`, geosearch, 1, `{"query":{"a":[1,2],"geosearch":[1]},"geosearch":[1,2]}`},
		{"half of a path of two", `{"query":[1,2]}`, geosearch, 1, ""},
		{"a path of two, twice", `{"query":{"geosearch":[1,2]},"query":{"geosearch":[3,4]}}`, geosearch, 1, `{"query":{"geosearch":[1]},"query":{"geosearch":[3]}}`},
		{"no path", `[1,2,3]`, nil, 1, `[1]`},
		{"no object", `"results"`, results, 1, ""},
		{"white space stays", "{ \"results\" : [ 1 , 2 , 3 ] }", results, 2, "{ \"results\" : [ 1 , 2] }"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			line := []byte(test.line)
			got, err := CutList(line, test.path, test.limit)
			if err != nil {
				t.Fatal(err)
			}
			want := test.want
			if want == "" {
				want = test.line
				if &got[0] != &line[0] {
					t.Error("nothing was cut, and yet it is not the line itself")
				}
			}
			if string(got) != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if string(line) != test.line {
				t.Errorf("the line was changed to %s", line)
			}
		})
	}
}

func TestCutListRefusesWhatIsNotJSON(t *testing.T) {
	for _, text := range []string{"", "{", `{"results":[1,2}`, `{"results":[1,2]`, `{"results":[1,2]}x`, `{"results":[1,]}`, `{"results" [1]}`, `{"results":[[1,2}]}`, `{"a":{"b":1]}`, "[1,2"} {
		if got, err := CutList([]byte(text), []string{"results"}, 1); !errors.Is(err, ErrNotJSON) || got != nil {
			t.Errorf("CutList(%q) = %q, %v", text, got, err)
		}
	}
}

func TestCutListWithstandsDepthBombs(t *testing.T) {
	deep := strings.Repeat("[", 9998) + strings.Repeat("]", 9998)
	got, err := CutList([]byte(`{"results":[`+deep+`,2]}`), []string{"results"}, 1)
	if err != nil || string(got) != `{"results":[`+deep+`]}` {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if _, err := CutList([]byte(`{"results":[[`+deep+`]]}`), []string{"results"}, 1); !errors.Is(err, ErrNotJSON) {
		t.Errorf("one level more than is taken: %v", err)
	}
}

func FuzzCutList(f *testing.F) {
	for _, seed := range []string{
		`{"a":1,"results":[1,{"results":[1,2]},3],"z":"é"}`, `{"results":[1,2],"results":[3,4]}`, `{"result\u0073":[[],[]]}`, `{"results":{}}`, `[1,2]`,
		`{"results":[ 1 , 2 ] }`, "{", `{"results":[1,]}`,
	} {
		f.Add([]byte(seed), 1)
	}
	f.Fuzz(func(t *testing.T, text []byte, limit int) {
		before := bytes.Clone(text)
		got, err := CutList(text, []string{"results"}, limit)
		if !bytes.Equal(text, before) {
			t.Fatalf("%q was changed to %q", before, text)
		}
		if json.Valid(text) != (err == nil) {
			t.Fatalf("%q is valid: %v; %v", text, json.Valid(text), err)
		}
		if err != nil {
			return
		}
		// Decoded, the outcome is the text with a shorter list, whoever decodes it.
		want := decode(t, text)
		if object, ok := want.(map[string]any); ok {
			if list, ok := object["results"].([]any); ok {
				object["results"] = list[:min(len(list), max(limit, 0))]
			}
		}
		if have := decode(t, got); !reflect.DeepEqual(have, want) {
			t.Fatalf("CutList(%q, %d) = %q", text, limit, got)
		}
		// And a second cut finds nothing to do.
		if again, err := CutList(got, []string{"results"}, limit); err != nil || !bytes.Equal(again, got) {
			t.Fatalf("cut again, %q becomes %q, %v", got, again, err)
		}
	})
}

// decode reads JSON without changing the text of its numbers.
func decode(t *testing.T, text []byte) (v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%q does not decode: %v", text, err)
	}
	return v
}
