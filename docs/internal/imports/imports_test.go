package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// The picture in the pages is that of the code.
func TestThePictureIsTheCodes(t *testing.T) {
	root := filepath.Join("..", "..", "..")
	all, err := list(root)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(root, picture))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, draw(arrange(all))) {
		t.Errorf("who imports whom has changed: make docs-graph draws it anew")
	}
}

// Packages are put together, others left out, and arrows that others imply too.
func TestArrange(t *testing.T) {
	all := fold([]listed{
		{"proxyherd/cmd/herd", []string{"fmt", "proxyherd/herd", "proxyherd/herd/wirelog", "github.com/spf13/cobra"}},
		{"proxyherd/cmd/herd/internal/supervise", []string{"proxyherd/herd"}},
		{"proxyherd/herd/wirelog", []string{"proxyherd/herd", "github.com/sirupsen/logrus", "golang.org/x/sys/unix"}},
		{"proxyherd/herd", []string{"time"}},
		{"proxyherd/reactor/internal/laws", nil},
		{"proxyherd/docs/examples/finger", []string{"proxyherd/herd"}},
	})
	l := arrange(all)
	if len(l.nodes) != 3 || len(l.rows) != 3 {
		t.Fatalf("there are %d nodes in %d rows", len(l.nodes), len(l.rows))
	}
	top := l.rows[2][0]
	if top.name != "cmd/herd" || len(top.arrows) != 1 || top.arrows[0].name != "herd/wirelog" || !slices.Equal(top.outside, []string{"cobra"}) {
		t.Errorf("on top is %s with %d arrows, of others %q", top.name, len(top.arrows), top.outside)
	}
	if middle := l.rows[1][0]; !slices.Equal(middle.outside, []string{"logrus", "x/sys"}) || middle.arrows[0].name != "herd" {
		t.Errorf("in the middle is %s, which imports %q", middle.name, middle.outside)
	}
}
