package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Two small herds are followed, and drawn.
func TestTheFigureIsDrawn(t *testing.T) {
	dir := t.TempDir()
	var out bytes.Buffer
	if err := run(dir, []int{8, 12}, 1000, &out); err != nil {
		t.Fatal(err)
	}
	// Of 8 servers with four neighbours each there are 16 links, and so 32 - 7 messages.
	if want := "      8     16        25          25  "; !strings.Contains(out.String(), want) {
		t.Errorf("%q is missing in:\n%s", want, &out)
	}
	picture, err := os.ReadFile(filepath.Join(dir, "linear-herd.svg"))
	if err != nil || !bytes.Contains(picture, []byte("Messages of an update")) {
		t.Errorf("a picture of %d bytes (%v)", len(picture), err)
	}
	if err := run(dir, []int{3}, 1000, &out); err == nil {
		t.Error("three servers had four neighbours each")
	}
}
