package herdtest

import (
	"path/filepath"
	"strings"
	"testing"

	"proxyherd/reactor/reactortest"
)

func TestScriptsInVirtualTime(t *testing.T) {
	scripts, err := filepath.Glob("../testdata/*.txt")
	if err != nil || len(scripts) < 5 {
		t.Fatalf("%d scripts found (%v)", len(scripts), err)
	}
	for _, path := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			Play(t, NewVirtual(t, reactortest.Options{}, nil), path)
		})
	}
}
