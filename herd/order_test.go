package herd

import (
	"bytes"
	"testing"
	"time"
)

// orderAgrees looks whether the keys of two reports compare as the reports do.
func orderAgrees(t *testing.T, a, b *Record, future time.Duration) int {
	t.Helper()
	want := Compare(a, b, future)
	if got := bytes.Compare(a.AppendOrder(nil, future), b.AppendOrder(nil, future)); got != sign(want) {
		t.Fatalf("%+v against %+v: the keys say %d, Compare says %d", a, b, got, want)
	}
	return want
}

func TestOrderKeysCompareAsRecordsDo(t *testing.T) {
	r := newRandom(61)
	decided := map[int]int{}
	for range 20_000 {
		a, b := record(t, r.smallWorld()), record(t, r.smallWorld())
		decided[sign(orderAgrees(t, a, b, 5*time.Minute))]++
	}
	for _, c := range []int{-1, 0, 1} {
		if decided[c] < 50 {
			t.Errorf("%d pairs compare as %d: the test says next to nothing of them", decided[c], c)
		}
	}
	// Names may have any bytes, and one may be the beginning of another.
	names := []string{"A", "A\x00", "A\x00\x00", "A\x00\x01", "A\x01", "A\xff", "B", "\x00", "\x01", "\xff"}
	for i, a := range names {
		for j, b := range names {
			first, second := record(t, "AT "+a+" +0.000000000 k +0+0 1"), record(t, "AT "+b+" +0.000000000 k +0+0 1")
			if c := orderAgrees(t, first, second, 0); (c == 0) != (i == j) {
				t.Errorf("%q against %q: %d", a, b, c)
			}
		}
	}
	// A report may have been received long before 1970, whatever its client says.
	orderAgrees(t, record(t, "AT A -9999999999999.999999999 k +0+0 1"), record(t, "AT A -9999999999999.999999998 k +0+0 1"), 0)
}

// FuzzOrderKey: whatever two AT lines say, their keys compare as they do.
func FuzzOrderKey(f *testing.F) {
	r := newRandom(62)
	for range 30 {
		f.Add([]byte(r.smallWorld()), []byte(r.smallWorld()), uint16(300))
		f.Add(r.at(), r.at(), uint16(r.IntN(1000)))
	}
	f.Add([]byte("AT A\x00 +0.000000000 k +0+0 1"), []byte("AT A\x00\x01 +0.000000000 k +0+0 1"), uint16(0))
	f.Fuzz(func(t *testing.T, first, second []byte, seconds uint16) {
		var a, b Record
		if ParseAT(first, &a) != nil || ParseAT(second, &b) != nil {
			return
		}
		orderAgrees(t, &a, &b, time.Duration(seconds)*time.Second)
	})
}
