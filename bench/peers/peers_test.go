package peers

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestAListThatCannotBeUsed(t *testing.T) {
	good := `{"name":"a","title":"A","start":["a"],"speaks":["IAMAT"]}`
	for _, c := range []struct {
		text string
		want error
	}{
		{`[` + good + `]`, nil},
		{`[` + good + `,` + good + `]`, ErrPeers},
		{`[{"name":"a","title":"A","start":["a"],"speaks":["WHATSAT"]}]`, ErrPeers},
		{`[{"name":"a","title":"A","speaks":["IAMAT"]}]`, ErrPeers},
		{`[{"name":"a","titel":"A","start":["a"],"speaks":["IAMAT"]}]`, ErrPeers},
		{`[{"name":"a","title":"A","language":"java","speaks":["IAMAT"]}]`, nil},
		{`[{"name":"a","title":"A","language":"cobol","speaks":["IAMAT"]}]`, ErrPeers},
		{`[{"name":"a","title":"A","language":"java","start":["a"],"speaks":["IAMAT"]}]`, ErrPeers},
		{`[{"name":"a","title":"A","start":["a"],"dialect":"redis-set","speaks":[]}]`, nil},
		{`[{"name":"a","title":"A","start":["a"],"dialect":"redis-set","speaks":["IAMAT"]}]`, ErrPeers},
		{`[{"name":"a","title":"A","start":["a"],"speaks":["IAMAT"],"warm":"soon"}]`, ErrPeers},
		{`[{"name":"a","title":"A","language":"java","also":["--asks","compute"],"speaks":["IAMAT"]}]`, nil},
		{`[{"name":"a","title":"A","start":["a"],"also":["--asks","compute"],"speaks":["IAMAT"]}]`, ErrPeers},
		{`[{"name":"a","title":"A","start":["a"],"database":"redis","speaks":["IAMAT"]}]`, nil},
		{`[{"name":"a","title":"A","start":["a"],"database":"dbase","speaks":["IAMAT"]}]`, ErrPeers},
		{`{}`, ErrPeers},
	} {
		if _, err := parse([]byte(c.text)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.text, err, c.want)
		}
	}
}

func TestFill(t *testing.T) {
	got := fill([]string{"{bin}/x", "{name}", "-p={port}"}, []string{"{bin}", "/b", "{name}", "Hill", "{port}", "7"})
	if want := []string{"/b/x", "Hill", "-p=7"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// A server that ends at once is told of with what it said.
func TestAServerThatIsNotThere(t *testing.T) {
	for _, p := range []Peer{
		{Name: "a", Title: "A", Start: []string{"sh", "-c", "echo no port >&2; exit 3"}, Speaks: []string{IAMAT}},
	} {
		_, err := p.Run(t.Context(), Place{}, Settings{Dir: t.TempDir()})
		if !errors.Is(err, ErrNotThere) || !contains(err.Error(), "exit status 3", "no port") {
			t.Errorf("%v", err)
		}
	}
	p := Peer{Name: "a", Title: "A", Build: []string{"sh", "-c", "echo no compiler >&2; exit 1"}}
	if err := p.Make(t.Context(), Place{Bin: t.TempDir()}); err == nil || !contains(err.Error(), "no compiler") {
		t.Errorf("%v", err)
	}
}

func contains(text string, parts ...string) bool {
	return !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(text, part) })
}
