package contract

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"proxyherd/herd/upstream"
)

// service finds a contract that must be there.
func service(t *testing.T, kind string) Service {
	t.Helper()
	s, err := Of(kind)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestEveryKindHasAContract(t *testing.T) {
	if got, want := slices.Sorted(slices.Values(Kinds())), slices.Sorted(slices.Values(upstream.Names())); !slices.Equal(got, want) {
		t.Errorf("the contracts are of %v, the kinds are %v", got, want)
	}
	for _, kind := range Kinds() {
		if s := service(t, kind); len(s.Answers.list) < 10 || len(s.Errors.list) < 1 {
			t.Errorf("%s lists %d fields of answers and %d of errors", kind, len(s.Answers.list), len(s.Errors.list))
		}
	}
	if _, err := Of("gopher"); err == nil || !strings.Contains(err.Error(), "choose one of: twitter, ") {
		t.Errorf("Of(gopher): %v", err)
	}
}

func TestExamplesKeepTheContract(t *testing.T) {
	for _, kind := range Kinds() {
		s := service(t, kind)
		examples, err := s.Examples()
		if err != nil {
			t.Fatal(err)
		}
		errors := 0
		for name, example := range examples {
			if strings.HasPrefix(name, "error") {
				errors++
			}
			got := s.RulesFor(name).Check(example)
			if len(got.Wrong)+len(got.Unknown) > 0 || got.Checked == 0 && name != "none" {
				t.Errorf("%s, %s: %q, unknown %q, %d values", kind, name, got.Wrong, got.Unknown, got.Checked)
			}
		}
		if examples["answer"] == nil || examples["none"] == nil || errors < 2 {
			t.Errorf("%s has too few examples: %d, of which %d errors", kind, len(examples), errors)
		}
	}
}

// TestBrokenExamplesAreNoticed takes each field away from each example, puts something else in its place, and adds one.
func TestBrokenExamplesAreNoticed(t *testing.T) {
	missing, mistaken := 0, 0
	for _, kind := range Kinds() {
		s := service(t, kind)
		examples, err := s.Examples()
		if err != nil {
			t.Fatal(err)
		}
		for name, example := range examples {
			rules := s.RulesFor(name)
			for _, r := range rules.list {
				if r.name == "[]" {
					continue
				}
				if r.always {
					if broken, changed := alter(t, example, r.path, func(object map[string]any, name string) { delete(object, name) }); changed {
						missing++
						if got := rules.Check(broken); len(got.Wrong) == 0 {
							t.Errorf("%s, %s: nobody misses %s", kind, name, r.path)
						}
					}
				}
				if slices.Contains(r.types, "any") {
					continue
				}
				broken, changed := alter(t, example, r.path, func(object map[string]any, name string) { object[name] = wrongFor(object[name]) })
				if changed {
					mistaken++
					if got := rules.Check(broken); len(got.Wrong) == 0 {
						t.Errorf("%s, %s: nobody minds what %s is", kind, name, r.path)
					}
				}
			}
			broken, _ := alter(t, example, "brand_new", func(object map[string]any, name string) { object[name] = 1 })
			if got := rules.Check(broken); !slices.Equal(got.Unknown, []string{"brand_new"}) {
				t.Errorf("%s, %s: a field more is told as %q", kind, name, got.Unknown)
			}
		}
	}
	if missing < 150 || mistaken < 200 {
		t.Errorf("only %d fields were taken away and %d changed", missing, mistaken)
	}
}

// wrongFor is a value of a type that no field has beside that of the value.
func wrongFor(value any) any {
	switch value.(type) {
	case bool, string:
		return 1.5
	}
	return true
}

// alter changes a field of an example wherever its object is found, and tells whether it was found at all.
func alter(t *testing.T, example []byte, path string, change func(object map[string]any, name string)) (altered []byte, changed bool) {
	t.Helper()
	var document any
	if err := json.Unmarshal(example, &document); err != nil {
		t.Fatal(err)
	}
	steps := strings.Split(strings.ReplaceAll(path, "[]", ".[]"), ".")
	var walk func(value any, steps []string)
	walk = func(value any, steps []string) {
		switch value := value.(type) {
		case []any:
			for _, element := range value {
				if steps[0] == "[]" {
					walk(element, steps[1:])
				}
			}
		case map[string]any:
			if _, has := value[steps[0]]; len(steps) == 1 && (has || path == "brand_new") {
				change(value, steps[0])
				changed = true
			} else if has && len(steps) > 1 {
				walk(value[steps[0]], steps[1:])
			}
		}
	}
	walk(document, steps)
	altered, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	return altered, changed
}

func TestCheckTellsWhatIsWrong(t *testing.T) {
	rules, err := parseRules("list list always # a comment\n\nlist[] object sometimes\nlist[].lat latitude always\nlist[].when iso8601 sometimes\nempty empty|null sometimes\n")
	if err != nil {
		t.Fatal(err)
	}
	for answer, want := range map[string]string{
		`{"list":[{"lat":-90},{"lat":12.5,"when":"2023-10-12T06:15:00.000Z"}],"empty":null}`: "[] [] 7",
		`{"list":[{"lat":90.01}]}`:                   "[list[0].lat: it is 90.01, not latitude] [] 3",
		`{"list":[{"lat":1,"when":"yesterday"}]}`:    `[list[0].when: it is "yesterday", not iso8601] [] 4`,
		`{"list":[{},{"lat":1}]}`:                    "[list[0].lat: it is missing] [] 4",
		`{"empty":"x"}`:                              `[list: it is missing empty: it is "x", not empty or null] [] 1`,
		`{"list":{}}`:                                "[list: it is {}, not list] [] 1",
		`{"list":[],"a":{"b":1},"c":2}`:              "[] [a c] 1",
		`{"list":[{"lat":1,"x":1},{"lat":1,"x":2}]}`: "[] [list[].x] 5",
		`[]`:             "[the answer is not an object] [] 0",
		`{"list":[`:      "[the answer is not JSON: unexpected EOF] [] 0",
		`{"list":[]} {}`: "[the answer is not JSON: something follows on the value] [] 0",
	} {
		got := rules.Check([]byte(answer))
		if text := fmt.Sprint(got.Wrong, " ", got.Unknown, " ", got.Checked); text != want {
			t.Errorf("%s: %s\nwant %s", answer, text, want)
		}
	}
}

func TestRulesThatCannotBeRead(t *testing.T) {
	for text, want := range map[string]string{
		"a text":                            "line 1",
		"a text never":                      "line 1",
		"a text always b":                   "line 1",
		"# fine\na colour always":           `line 2: there is no type "colour"`,
		"a.b text always":                   "a has no line before it",
		"a[] text always":                   "a has no line before it",
		"a text always\na number sometimes": "line 2: a is listed twice",
	} {
		if _, err := parseRules(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}
