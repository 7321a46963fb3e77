package wirelog

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestTheLevelIsChangedAtWork(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.log")
	log, err := Open(Options{Path: path, Level: Warn})
	if err != nil {
		t.Fatal(err)
	}
	for _, level := range []Level{Warn, Debug, Error, 100, -100} {
		log.SetLevel(level)
		for _, l := range []Level{Trace, Debug, Info, Warn, Error} {
			log.Event(time.Unix(0, 0), l, level.String()+l.String())
		}
		log.Logger().Info(level.String() + "logger")
	}
	(*Log)(nil).SetLevel(Info)
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for level, kept := range map[Level]int{Warn: 2, Debug: 5, Error: 1, 100: 1, -100: 6} {
		if n := strings.Count(string(text), `"`+level.String()); n != kept {
			t.Errorf("at %v %d events were kept, want %d", level, n, kept)
		}
	}
}
