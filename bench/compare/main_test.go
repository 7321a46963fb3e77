package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestTheListAndWhatCannotBeRun(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-list"}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\n  standard ", "\n  throughput ", "\n  gnet ", "speaks IAMAT, half-close, WHATSAT, herd\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in the list:\n%s", want, &out)
		}
	}
	for _, args := range [][]string{{"-size", "huge"}, {"-scenario", "flight"}, {"-peer", "cow"}, {"-fly"}, {"full"}, {"-agree", "one.json"}, {"-agree", "no.json", "no.json"}, {"-pages"}, {"-pages", "no.json"}} {
		if err := run(t.Context(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("%q was run", args)
		}
	}
	if err := run(t.Context(), []string{"-agree", "main.go", "main.go"}, io.Discard, io.Discard); err == nil {
		t.Error("a run was read that is none")
	}
	if got := words("a,b, c"); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("%q", got)
	}
}

// Two runs are compared, and one with itself agrees.
func TestTwoRunsAreCompared(t *testing.T) {
	root := t.TempDir()
	write := func(name string, rates ...string) (path string) {
		text := `{"scenarios":[{"name":"throughput","metrics":["rate"],"points":[{"point":{"name":"P=1"},"entries":[`
		for i, rate := range rates {
			if i > 0 {
				text += ","
			}
			text += `{"name":"` + []string{"C", "herd", "herd (again)"}[i] + `","base":` + []string{"0", "0", "1"}[i] +
				`,"null":` + []string{"false", "false", "true"}[i] + `,"measurements":[{"result":{"rate":` + rate + `}},{"result":{"rate":` + rate + `}}]}`
		}
		path = filepath.Join(root, name)
		if err := os.WriteFile(path, []byte(text+"]}]}]}"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	one, half, noisy := write("one", "100", "80", "80"), write("half", "100", "40", "40"), write("noisy", "100", "50", "100")
	for _, c := range []struct {
		other, says string
		differ      bool
	}{
		{one, "1 ratios are in both runs: 1 agree, 0 more", false},
		{one, "half of the medians are within 0.0 % of each other, nine in ten within 0.0 %", false},
		{half, "0 agree, 0 more only as the noise of both is above 50.0 %, 1 differ", true},
		{half, "half of the medians are within a factor of 2.0 of each other", true},
		{noisy, "0 agree, 1 more", false},
		{one, "0 are farther apart than the noise of one ratio, which chance makes one in twenty: some 1\n", false},
		{half, "1 are farther apart", true},
	} {
		var out bytes.Buffer
		err := run(t.Context(), []string{"-agree", one, c.other}, &out, io.Discard)
		if errors.Is(err, errDiffer) != c.differ || err != nil && !c.differ || !strings.Contains(out.String(), c.says) {
			t.Errorf("%v, and not %q:\n%s", err, c.says, &out)
		}
	}
}

// The pages of a run can be written from its JSON alone.
func TestPagesAreWrittenAnew(t *testing.T) {
	root := t.TempDir()
	path := filepath.Join(root, "run.json")
	const measured = `{"conditions":{"machine":"here","begun":"2026-01-02T03:04:00Z"},"scenarios":[{"name":"throughput","title":"Throughput","metrics":["rate"],"points":[
		{"point":{"name":"P=1"},"entries":[
			{"name":"C","peer":"c","base":0,"measurements":[{"result":{"rate":100}}]},
			{"name":"herd","peer":"reactor","base":0,"measurements":[{"result":{"rate":90}}]}]}]}]}`
	if err := os.WriteFile(path, []byte(measured), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-results", root, "-pages", path}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	written := strings.Fields(out.String())
	for _, end := range []string{".md", ".json", "-goals.md"} {
		at := slices.IndexFunc(written, func(path string) bool { return strings.HasSuffix(path, end) })
		if at < 0 {
			t.Errorf("no %s is written: %q", end, written)
			continue
		}
		if text, err := os.ReadFile(written[at]); err != nil || len(text) == 0 {
			t.Errorf("%s: %v", written[at], err)
		}
	}
}
