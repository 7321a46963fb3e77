package main

import (
	"slices"
	"strings"
	"testing"

	"proxyherd/reactor/internal/oracle/scenario"
)

// whole is ours in the part of Twisted, so that what is broken differs from it.
type whole struct{}

func (whole) play(family string, script scenario.Script) (scenario.Transcript, error) {
	f, err := choose(families, family)
	if err != nil {
		return nil, err
	}
	return f[0].Play(script), nil
}

// editing plays an edited script: a way to break ours without a second one.
func editing(play func(scenario.Script) scenario.Transcript, old, new string) func(scenario.Script) scenario.Transcript {
	return func(script scenario.Script) scenario.Transcript {
		edited := slices.Clone(script)
		for i := range edited {
			edited[i] = strings.ReplaceAll(edited[i], old, new)
		}
		return play(edited)
	}
}

// dropping loses every event of a kind after the first.
func dropping(play func(scenario.Script) scenario.Transcript, kind string) func(scenario.Script) scenario.Transcript {
	return func(script scenario.Script) scenario.Transcript {
		seen := false
		return slices.DeleteFunc(play(script), func(event string) bool {
			again := seen && scenario.EventKind(event) == kind
			seen = seen || scenario.EventKind(event) == kind
			return again
		})
	}
}

type breaking func(play func(scenario.Script) scenario.Transcript) func(scenario.Script) scenario.Transcript

// TestBroken: the oracle finds what is wrong with each of these, and shrinks it
// to the point.
func TestBroken(t *testing.T) {
	edit := func(old, new string) breaking {
		return func(play func(scenario.Script) scenario.Transcript) func(scenario.Script) scenario.Transcript {
			return editing(play, old, new)
		}
	}
	drop := func(kind string) breaking {
		return func(play func(scenario.Script) scenario.Transcript) func(scenario.Script) scenario.Transcript {
			return dropping(play, kind)
		}
	}
	for _, broken := range []struct {
		what, family string
		breaking     breaking
		longest      int // statements that the shrunk script may have
	}{
		{"a LineReceiver whose limit is off by one", "lines", edit("max 5", "max 6"), 2},
		{"a LineReceiver that delivers no second line", "lines", drop("line"), 2},
		{"a LineReceiver that ignores what its callback returned", "lines", edit(": return", ": nothing"), 2},
		{"a LineOnlyReceiver that cannot be overridden", "lineonly", edit("override", "nothing"), 3},
		{"a NetstringReceiver that delivers no second string", "netstrings", drop("string"), 1},
		{"an Int16StringReceiver whose prefix has 32 bits", "intn", edit("prefix 16", "prefix 32"), 3},
		{"a receiver of strings whose limit is off by one", "intn", edit("max 3", "max 4"), 4},
		{"a Clock that makes no second call", "clock", drop("called"), 3},
		{"a LoopingCall that makes no second call", "loops", drop("call"), 3},
		{"a Deferred that cannot be cancelled", "deferreds", edit("cancel ", "nothing "), 3},
		{"a DeferredList that ignores fireOnOneErrback", "deferreds", edit(" e ", " - "), 4},
		{"a factory that never resets its delay", "reconnecting", edit("resetDelay", "nothing"), 5},
		{"a reactor that tells of no second end", "sockets", drop("lost"), 3},
		{"a ThrottlingFactory that forgets its producers", "policies", edit("register", "nothing"), 5},
	} {
		t.Run(broken.what, func(t *testing.T) {
			t.Parallel()
			chosen, err := choose(families, broken.family)
			if err != nil {
				t.Fatal(err)
			}
			f := chosen[0]
			f.Play = broken.breaking(f.Play)
			f.Differences = nil
			match := &contest{family: &f, twisted: whole{}, version: scenario.Original, repeat: 1}
			for seed := range uint64(5000) {
				o, err := match.play(f.Script(seed))
				if err != nil {
					t.Fatal(err)
				}
				if !o.differs {
					continue
				}
				short, err := match.shrink(o)
				if err != nil {
					t.Fatal(err)
				}
				t.Logf("caught at seed %d, %d statements, shrunk to %d: %q", seed, len(o.script), len(short.script), short.script)
				if !short.differs || len(short.script) > broken.longest {
					t.Fatalf("shrunk to %d statements, not %d", len(short.script), broken.longest)
				}
				return
			}
			t.Fatal("not caught in 5,000 scenarios")
		})
	}
}

// TestShrinkPayload: bytes and numbers shrink as well as statements.
func TestShrinkPayload(t *testing.T) {
	played := 0
	f := scenario.Family{Name: "made up", Play: func(script scenario.Script) scenario.Transcript {
		played++
		for _, statement := range script {
			w := scenario.Words(strings.Fields(statement))
			if w.Word(0) == "data" && strings.Contains(string(w.Bytes(1)), "x") && w.Int(2) >= 3 {
				return scenario.Transcript{"found"}
			}
		}
		return nil
	}}
	match := &contest{family: &f, twisted: &recording{}, repeat: 1}
	match.twisted = silent{}
	o, err := match.play(scenario.Script{"other", `data "abc\x00xdef" 33000000`, `data "y" 5`, "other"})
	if err != nil || !o.differs {
		t.Fatalf("differs %v, %v", o.differs, err)
	}
	short, err := match.shrink(o)
	if err != nil {
		t.Fatal(err)
	}
	if want := (scenario.Script{`data "x" 3`}); !slices.Equal(short.script, want) {
		t.Fatalf("shrunk to %q, not %q", short.script, want)
	}
	if played > 200 {
		t.Errorf("shrunk in %d plays: too many, where each may take long", played)
	}
}

// TestShrinkStep: a step of several statements is shrunk to those that matter.
func TestShrinkStep(t *testing.T) {
	f := scenario.Family{Name: "made up", Play: func(script scenario.Script) (events scenario.Transcript) {
		for _, line := range script {
			if strings.Contains(line, "push") && strings.Contains(line, "write") {
				events = append(events, "found")
			}
		}
		return events
	}}
	match := &contest{family: &f, twisted: silent{}, repeat: 1}
	for whole, want := range map[string]string{
		"lose; push; abort; write; lose":               "push; write",
		"in lost c1 1: lose; push; abort; write; lose": "in lost c1 0: push; write",
	} {
		o, err := match.play(scenario.Script{whole})
		if err != nil {
			t.Fatal(err)
		}
		short, err := match.shrink(o)
		if err != nil || !slices.Equal(short.script, scenario.Script{want}) {
			t.Errorf("%q was shrunk to %q, not %q (%v)", whole, short.script, want, err)
		}
	}
}

// silent is a Twisted on which nothing happens.
type silent struct{}

func (silent) play(string, scenario.Script) (scenario.Transcript, error) { return nil, nil }
