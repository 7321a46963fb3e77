package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"proxyherd/herd/herdtest"
)

// What each host answers is the same, byte for byte: it is what the scripts say.
func TestTheFenceIsTheSameInAllHosts(t *testing.T) {
	eachHost(t, func(t *testing.T, f *fenced) {
		for _, path := range scriptsIn(t, geofence+"/testdata", 4) {
			herdtest.Play(t, f, path)
		}
	})
}

// Nothing that was there before breaks: all of the herd's own scripts, with a fence around
// all of the earth at every server.
func TestTheHerdIsWhatItWas(t *testing.T) {
	eachHost(t, func(t *testing.T, f *fenced) {
		for _, s := range f.Config.Servers {
			c := f.Connect(s.Name + fenceSuffix)
			c.Send([]byte("FENCE earth +0+0 21000\n"))
			if got := f.line(c); got != "OK earth" {
				t.Fatalf("%s: %q", s.Name, got)
			}
		}
		for _, path := range scriptsIn(t, "herd/testdata", 5) {
			herdtest.Play(t, f, path)
		}
	})
}

// There is a bound on fences, and those of somebody who leaves go.
func TestTheFencesOfWhoLeavesGo(t *testing.T) {
	const most = 1000
	eachHost(t, func(t *testing.T, f *fenced) {
		c := f.Connect("Gasol" + fenceSuffix)
		var all strings.Builder
		for n := range most {
			fmt.Fprintf(&all, "FENCE n%d +1+1 1\n", n)
		}
		c.Send([]byte(all.String() + "FENCE more +1+1 1\n"))
		for n := range most {
			if got, want := f.line(c), fmt.Sprintf("OK n%d", n); got != want {
				t.Fatalf("%q, want %q", got, want)
			}
		}
		if got := f.line(c); got != "? FENCE more +1+1 1" {
			t.Fatalf("one fence too many is answered with %q", got)
		}
		c.End()
		if !f.Wait(c.Ended) {
			t.Fatal("a connection that says no more does not end")
		}
		if !f.Wait(func() bool { return f.say("Gasol"+fenceSuffix, "FENCE more +1+1 1") == "OK more" }) {
			t.Error("the fences of who has left are still there")
		}
	})
}

// A line that is too long is told of, and ends the connection.
func TestALineThatIsTooLong(t *testing.T) {
	const most = 4096
	eachHost(t, func(t *testing.T, f *fenced) {
		c := f.Connect("Gasol" + fenceSuffix)
		long := strings.Repeat("x", most)
		c.Send([]byte(long + "\n"))
		if got := f.line(c); got != "? "+long {
			t.Errorf("the longest line is answered with %.80q", got)
		}
		c.Send([]byte(long + "x\nFENCE home +1+1 1\n"))
		if got, want := f.line(c), fmt.Sprintf("? line longer than %d bytes", most); got != want {
			t.Errorf("%.80q, want %q", got, want)
		}
		if !f.Wait(c.Ended) || len(c.Received()) > 0 {
			t.Errorf("ended: %v, with %q", c.Ended(), c.Received())
		}
	})
}

// Whoever does not take what it is told is cut off, the log says why, and nobody else
// notices.
func TestWhoTakesNothingIsCutOff(t *testing.T) {
	eachHost(t, func(t *testing.T, f *fenced) {
		slow := f.mute("Gasol")
		if _, err := slow.Write([]byte("FENCE earth +0+0 21000\n")); err != nil {
			t.Fatal(err)
		}
		quick := f.Connect("Gasol" + fenceSuffix)
		quick.Send([]byte("FENCE quick +89+0 1\n"))
		if got := f.line(quick); got != "OK quick" {
			t.Fatal(got)
		}
		// Long ids, that each go in and stay: each is a line for the slow one.
		id := strings.Repeat("x", 8000)
		a := f.Connect("Gasol")
		for n := 0; n%100 != 0 || !slices.ContainsFunc(f.warnings("Gasol"), isCutOff); n++ {
			if n == 20_000 {
				t.Fatal("160 MB have not made the slow one be cut off")
			}
			a.Send(fmt.Appendf(nil, "IAMAT %s%d +1+1 1\n", id, n))
			f.line(a)
		}
		a.Send([]byte("IAMAT last +89+0 1\n"))
		if got := f.line(quick); got != "ENTER quick last +89+0 1" {
			t.Errorf("the quick one is told %q", got)
		}
	})
}

func isCutOff(event string) bool {
	return strings.Contains(event, "fence client cut off") && strings.Contains(event, "slow_fence")
}
