package scenario

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestTheScenariosAndSizesCanBeUsed(t *testing.T) {
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	sizes, err := Sizes()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		_, standard := sizes["standard"].Scenarios[s.Name]
		_, full := sizes["full"].Scenarios[s.Name]
		_, linear := sizes["linear"].Scenarios[s.Name]
		_, report := sizes["report"].Scenarios[s.Name]
		// One of them, and those that name their peers are the report's.
		if full != standard || linear != (s.Against != "") || report != (len(s.Peers) > 0) || standard == (linear || report) {
			t.Errorf("%s: in full %t, in standard %t, in linear %t, in report %t", s.Name, full, standard, linear, report)
		}
	}
	if len(all) < 12 || len(sizes) != 5 || sizes["quick"].Rounds < 1 {
		t.Errorf("%d scenarios, sizes %+v", len(all), sizes)
	}
}

func TestDataThatCannotBeUsed(t *testing.T) {
	scenario := func(rest string) string {
		return fmt.Sprintf(`[{"name":"a","title":"A","about":"a.","points":[{"name":"p"}]%s}]`, rest)
	}
	good := scenario(`,"kind":"loop","metrics":["rate"]`)
	for _, c := range []struct{ text, says string }{
		{good, ""},
		{scenario(`,"kind":"walk","metrics":["rate"]`), `kind is "walk"`},
		{scenario(`,"kind":"loop","metrics":["speed"]`), `no metric "speed"`},
		{scenario(`,"kind":"loop"`), "no points or no metrics"},
		{scenario(`,"kind":"loop","metrics":["rate"],"against":"clients"`), "differ in"},
		{scenario(`,"kind":"loop","metrics":["rate"],"peers":["c","cow"]`), "the peer cow"},
		{scenario(`,"kind":"loop","metrics":["rate"],"pipline":3`), "pipline"},
		{strings.TrimSuffix(good, "]") + "," + strings.TrimPrefix(good, "["), "twice"},
	} {
		if _, err := parse([]byte(c.text)); (err == nil) != (c.says == "") || err != nil && (!errors.Is(err, ErrData) || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: %v, want %q", c.text, err, c.says)
		}
	}
	all, err := parse([]byte(good))
	if err != nil {
		t.Fatal(err)
	}
	all = append(all,
		Scenario{Name: "open", Kind: Loop, Points: []Point{{Name: "p", Rate: 1}}},
		Scenario{Name: "asked", Kind: Loop, Points: []Point{{Name: "p", Askers: 1}}},
		Scenario{Name: "called", Kind: Loop, Calls: true, Points: []Point{{Name: "p"}}},
		Scenario{Name: "together", Kind: Loop, PointsTogether: true, Points: []Point{{Name: "p"}}},
		Scenario{Name: "lives", Kind: Churn, Points: []Point{{Name: "p"}}},
	)
	for _, c := range []struct{ text, says string }{
		{`{"s":{"rounds":2,"duration":"1s","scenarios":{"a":{"points":["p"]}}}}`, ""},
		{`{"s":{"rounds":2,"duration":"1s","scenarios":{"b":{}}}}`, "scenario b"},
		{`{"s":{"rounds":2,"duration":"1s","scenarios":{"a":{"points":["q"]}}}}`, "point q"},
		{`{"s":{"rounds":2,"duration":"1s","others":{"a":["q"]}}}`, "point q"},
		{`{"s":{"rounds":2,"duration":"1s","scenarios":{"a":{"slices":3}}}}`, ""},
		{`{"s":{"rounds":2,"duration":"1s","scenarios":{"a":{"slices":-1}}}}`, "-1 slices"},
		{`{"s":{"rounds":2,"duration":"1s","scenarios":{"open":{"slices":2}}}}`, "cuts open in 2 slices"},
		{`{"s":{"rounds":2,"duration":"1s","scenarios":{"asked":{"slices":2}}}}`, "cuts asked in 2 slices"},
		{`{"s":{"rounds":2,"duration":"1s","scenarios":{"called":{"slices":2}}}}`, "cuts called in 2 slices"},
		{`{"s":{"rounds":2,"duration":"1s","scenarios":{"together":{"slices":2}}}}`, "cuts together in 2 slices"},
		{`{"s":{"rounds":2,"duration":"1s","scenarios":{"lives":{"slices":2}}}}`, "cuts lives in 2 slices"},
		{`{"s":{"duration":"1s"}}`, "no rounds"},
		{`{"s":{"rounds":2,"duration":"soon"}}`, "soon"},
	} {
		if _, err := parseSizes([]byte(c.text), all); (err == nil) != (c.says == "") || err != nil && (!errors.Is(err, ErrData) || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: %v, want %q", c.text, err, c.says)
		}
	}
}

func TestShort(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 0.0123: "0.0123", 1.5: "1.50", 12.345: "12.3", 999.4: "999", 1685234: "1,685,234", -1234: "-1,234"} {
		if got := Short(v); got != want {
			t.Errorf("%v: %s, want %s", v, got, want)
		}
	}
}
