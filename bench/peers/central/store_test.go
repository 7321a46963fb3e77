package main

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"proxyherd/herd"
)

const future = 5 * time.Minute

// A database orders reports as the herd does.
func TestRanksAreOrderedAsReportsAre(t *testing.T) {
	var all []herd.Record
	for _, line := range []string{
		"AT Hill +0.000000001 kiwi +1+1 1",
		"AT Hill +0.000000001 kiwi +1+1 1.0",
		"AT Hill -0.000000001 kiwi +1+1 1",
		"AT Hill +0.000000001 kiwi +1.5+1 1",
		"AT Hills +0.000000001 kiwi +1+1 1",
		"AT Gasol +5.000000000 kiwi +1+1 1700000000.5",
		"AT Gasol +5.000000000 kiwi -1-1 1700000000.25",
		"AT Gasol +5.000000000 kiwi +1+1 999999999",
		"AT Gasol -31536000.000000000 kiwi +1+1 1731536000", // its clock is a year ahead
		"AT Gasol -31536001.000000000 kiwi +1+1 1731536001",
	} {
		var r herd.Record
		if err := herd.ParseAT([]byte(line), &r); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		all = append(all, r)
	}
	compared := 0
	for _, a := range all {
		for _, b := range all {
			got, want := bytes.Compare(appendRank(nil, &a, future), appendRank(nil, &b, future)), herd.Compare(&a, &b, future)
			if got != want {
				t.Errorf("%s and %s: %d, want %d", a.AppendLine(nil), b.AppendLine(nil), got, want)
			}
			compared++
		}
	}
	if compared != 100 {
		t.Errorf("%d were compared", compared)
	}
}

// One statement has the newest report of each client, in the order of ids.
func TestTheNewestOfEach(t *testing.T) {
	var reports []report
	for _, text := range []string{"b2", "a1", "b3", "a3", "c1", "a2"} {
		reports = append(reports, report{id: []byte(text[:1]), rank: []byte(text[1:])})
	}
	var got []string
	for _, r := range newestOfEach(reports) {
		got = append(got, fmt.Sprintf("%s%s", r.id, r.rank))
	}
	if want := []string{"a3", "b3", "c1"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if string(reports[0].rank) != "2" {
		t.Error("the caller's reports were moved")
	}
}

// What is no database that is known is refused.
func TestADatabaseThatCannotBeUsed(t *testing.T) {
	for _, address := range []string{"", "mysql://127.0.0.1:1", "redis://127.0.0.1:port", "postgres://%zz", "://"} {
		if _, err := open(t.Context(), address, 1); !errors.Is(err, errDatabase) {
			t.Errorf("%q: %v", address, err)
		}
	}
}
