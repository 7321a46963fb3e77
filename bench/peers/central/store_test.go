package main

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

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
