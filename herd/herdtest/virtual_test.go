package herdtest

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"proxyherd/herd/script"
	"proxyherd/reactor/reactortest"
)

func TestScriptsInVirtualTime(t *testing.T) {
	scripts, err := filepath.Glob("../testdata/*.txt")
	if err != nil || len(scripts) < 5 {
		t.Fatalf("%d scripts found (%v)", len(scripts), err)
	}
	for _, path := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			Play(t, NewVirtual(t, reactortest.Options{Start: before(t, path)}, nil), path)
		})
	}
}

// before is a time shortly before a script begins: a herd that waited for years
// would exchange heartbeats all the while.
func before(t *testing.T, path string) time.Time {
	statements, err := script.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, st := range statements {
		if st.Verb == "at" {
			first, err := timestamp(st.Name)
			if err != nil {
				t.Fatal(err)
			}
			return time.Unix(first.Sec-60, 0).UTC()
		}
	}
	return time.Time{}
}
