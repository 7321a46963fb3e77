package fault

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"proxyherd/herd"
)

// What strangers say is bounded, seldom what it should be, and never about clients
// that are watched.
func TestNonsenseIsNonsense(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	const rounds = 2000
	right, long := 0, 0
	for range rounds {
		text := nonsense(random, commands)
		if len(text) > 2*longest {
			t.Fatalf("%d bytes", len(text))
		}
		if len(text) > herd.MaxClientLine && !bytes.Contains(text, []byte("\n")) {
			long++
		}
		for _, c := range commands {
			if string(text) == c {
				right++
			}
		}
		if bytes.Contains(text, []byte(".chaos-")) {
			t.Fatalf("%q is about a client of the load's", text)
		}
	}
	if right > rounds/5 || long < rounds/20 {
		t.Errorf("of %d texts %d were as they should be, %d were endless lines", rounds, right, long)
	}
	if one := nonsense(rand.New(rand.NewPCG(2, 2)), requests); !bytes.Equal(one, nonsense(rand.New(rand.NewPCG(2, 2)), requests)) {
		t.Error("one seed gave two texts")
	}
}

// A HELLO that is made up gets as far as its proof.
func TestAMadeUpHelloCanBeRead(t *testing.T) {
	line := strings.TrimSuffix(hello("herd", "Farmar", "Meeks", rand.New(rand.NewPCG(1, 1))), "\n")
	h, err := herd.ParseHello([]byte(line))
	if err != nil || h.From != "Farmar" || h.To != "Meeks" || h.Role != herd.Dialler || h.Future != herd.Default().Future {
		t.Errorf("%q was read as %+v, error %v", line, h, err)
	}
}

func TestHandshakesAreOverheard(t *testing.T) {
	s := aStage()
	s.Config.Log.Dir = t.TempDir()
	if pairs := overhear(s, "Meeks"); pairs != nil {
		t.Errorf("without a log there were %q", pairs)
	}
	const log = `2026-11-22T12:00:00.000001Z < peer#1 "HELLO 1 herd Farmar Meeks dialler 300 - 01 02"
2026-11-22T12:00:00.000002Z > peer#1 "HELLO 1 herd Meeks Farmar acceptor 300 - 03 04"
2026-11-22T12:00:00.000003Z < peer#2 "HELLO 1 herd Hill Meeks acceptor 300 - 05 06"
2026-11-22T12:00:00.000004Z < peer#2 "PROVE 07"
2026-11-22T12:00:00.000005Z < peer#3 "PROVE 08"
2026-11-22T12:00:00.000006Z < peer#1 "PROVE 09"
`
	if err := os.MkdirAll(filepath.Join(s.Config.Log.Dir, "Meeks"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.Config.Log.Dir, "Meeks", "Meeks.log"), []byte(log), 0o600); err != nil {
		t.Fatal(err)
	}
	want := [][2]string{{"HELLO 1 herd Farmar Meeks dialler 300 - 01 02\n", "PROVE 09\n"}}
	if pairs := overhear(s, "Meeks"); !reflect.DeepEqual(pairs, want) {
		t.Errorf("overheard were %q, want %q", pairs, want)
	}
}
