package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

const root = "../../.."

// TestThePageIsWhatTheCommandWrites compares all but what was measured.
func TestThePageIsWhatTheCommandWrites(t *testing.T) {
	pairs, err := readPairs(root)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, page))
	if err != nil {
		t.Fatal(err)
	}
	measured := measuredIn(text)
	if len(measured) < 100 {
		t.Errorf("only %d bytes are measured", len(measured))
	}
	if !bytes.Equal(write(pairs, measured), text) {
		t.Errorf("%s is not what the source says: run make twins, or go run ./herd/internal/twins -measure=false", page)
	}
}

// TestEveryFileHasItsTwin, or says in a Twin comment why not.
func TestEveryFileHasItsTwin(t *testing.T) {
	pairs, err := readPairs(root)
	if err != nil {
		t.Fatal(err)
	}
	both := 0
	for _, p := range pairs {
		if p.reactor != nil && p.goroutine != nil {
			both++
			continue
		}
		alone := p.reactor
		if alone == nil {
			alone = p.goroutine
		}
		if len(alone.notes) == 0 {
			t.Errorf("%s has no twin, and no Twin comment says why", alone.path)
		}
	}
	if both < 20 {
		t.Errorf("only %d files have twins", both)
	}
}

// TestFunctionsStandInTheSameOrder: the two files can be read line by line.
func TestFunctionsStandInTheSameOrder(t *testing.T) {
	pairs, err := readPairs(root)
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, p := range pairs {
		reactor, goroutine := p.both()
		if len(reactor) != len(goroutine) {
			t.Errorf("%s: %d functions have twins, and %d are twins", p.name, len(reactor), len(goroutine))
			continue
		}
		for i := range reactor {
			if checked++; twinOf(p.goroutine, reactor[i]) != goroutine[i] {
				t.Errorf("%s: where one file has %v, the other has %v", p.name, reactor[i], goroutine[i])
				break
			}
		}
	}
	if checked < 100 {
		t.Errorf("only %d functions were compared", checked)
	}
}

// TestWhereShapesDifferBothSay: a file whose code differs from its twin's says why,
// at both places.
func TestWhereShapesDifferBothSay(t *testing.T) {
	pairs, err := readPairs(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pairs {
		if p.reactor == nil || p.goroutine == nil {
			continue
		}
		if r, g := len(p.reactor.notes) > 0, len(p.goroutine.notes) > 0; r != g {
			t.Errorf("%s: reactorherd's has Twin comments: %v, goroutineherd's: %v", p.name, r, g)
		}
		for _, f := range p.rows() {
			if !f.same() && len(p.reactor.notes) == 0 {
				t.Errorf("%s differs from its twin, and no Twin comment says why", p.name)
				break
			}
		}
	}
}
