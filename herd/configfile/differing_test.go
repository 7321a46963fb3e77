package configfile

import (
	"slices"
	"testing"

	"proxyherd/herd"
)

func TestWhatDiffersIsNamedInTheOrderOfTheFile(t *testing.T) {
	if list := Differing(herd.Default(), herd.Default()); len(list) > 0 {
		t.Errorf("two that are equal differ in %q", list)
	}
	other := herd.Default()
	other.Limits.PeerStall++
	other.Log.Level = "debug"
	other.Servers[2].TalksTo[0] = "Young"
	other.LinkMAC = true
	want := []string{"servers", "link_mac", "log.level", "limits.peer_stall"}
	if list := Differing(herd.Default(), other); !slices.Equal(list, want) {
		t.Errorf("they differ in %q, want %q", list, want)
	}
}
