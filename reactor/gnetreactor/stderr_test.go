//go:build linux

package gnetreactor

import (
	"os"
	"strings"
	"testing"
)

// A reactor that is given no log tells of a panic on standard error.
func TestAPanicWithoutALogIsSeen(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	stderr := os.Stderr
	os.Stderr = write
	r := New(Config{NoSignalHandlers: true})
	os.Stderr = stderr
	r.CallWhenRunning(func() {
		r.CallLater(0, func() { _ = r.Stop() })
		panic("nobody is listening")
	})
	if err := r.Run(); err != nil {
		t.Error(err)
	}
	if err := write.Close(); err != nil {
		t.Fatal(err)
	}
	text := make([]byte, 1<<16)
	n, err := read.Read(text)
	if got := string(text[:n]); err != nil || !strings.Contains(got, "nobody is listening") || !strings.Contains(got, "TestAPanicWithoutALogIsSeen") {
		t.Errorf("it wrote %q, %v", got, err)
	}
}
