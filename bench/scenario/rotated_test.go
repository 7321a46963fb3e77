package scenario

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestALogComesRoundOnceItsOldestFileIsAnother(t *testing.T) {
	path := filepath.Join(t.TempDir(), "Farmar.log.5")
	oldest := oldestFile{path: path}
	if oldest.replaced() {
		t.Error("there is no file, and it was replaced")
	}
	at := time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC)
	for i, want := range []bool{false, true, true} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at.Add(time.Duration(i)*time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		for range 2 { // looking changes nothing
			if got := oldest.replaced(); got != want {
				t.Errorf("file %d: replaced is %v", i, got)
			}
		}
	}
}
