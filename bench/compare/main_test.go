package main

import (
	"bytes"
	"io"
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
	for _, args := range [][]string{{"-size", "huge"}, {"-scenario", "flight"}, {"-peer", "cow"}, {"-fly"}} {
		if err := run(t.Context(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("%q was run", args)
		}
	}
	if got := words("a,b, c"); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("%q", got)
	}
}
