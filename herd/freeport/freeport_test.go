package freeport

import (
	"errors"
	"net"
	"testing"
)

func TestFoundPortsAreFreeAndDifferent(t *testing.T) {
	addresses, err := Find(20)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, address := range addresses {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Errorf("%s is not free: %v", address, err)
			continue
		}
		defer l.Close() // only in the end, so that one found twice shows
		seen[address] = true
	}
	if len(seen) != 20 {
		t.Errorf("%d different ports, want 20", len(seen))
	}
}

func TestTooManyAreAnError(t *testing.T) {
	if _, err := Find(highest - lowest + 1); !errors.Is(err, ErrNone) {
		t.Errorf("asking for more than there are: %v", err)
	}
}

// Two that are found one after the other, neither of which is taken yet, differ.
func TestWhatWasFoundIsNotFoundAgain(t *testing.T) {
	seen := map[string]bool{}
	for range 50 {
		addresses, err := Find(3)
		if err != nil {
			t.Fatal(err)
		}
		for _, address := range addresses {
			seen[address] = true
		}
	}
	if len(seen) != 150 {
		t.Errorf("%d different ports of 150", len(seen))
	}
}
