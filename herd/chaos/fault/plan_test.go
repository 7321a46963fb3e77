package fault

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/chaos/stage"
)

// aStage has the herd's servers and links, and none of them runs.
func aStage() *stage.Stage { return &stage.Stage{Config: herd.Default()} }

func TestEveryFaultIsWholeAndNamedOnce(t *testing.T) {
	names := map[string]bool{}
	for _, f := range All() {
		if f.Name == "" || names[f.Name] || f.What == "" || f.Aim == nil || f.Start == nil || f.Least <= 0 || f.Least >= f.Most {
			t.Errorf("%q is not whole, or not the only one: %+v", f.Name, f)
		}
		names[f.Name] = true
	}
	if len(names) < 30 {
		t.Errorf("there are %d faults", len(names))
	}
	if some, unknown := Named(All(), "kill,cut"); len(some) != 2 || some[1].Name != "cut" || unknown != "" {
		t.Errorf("two were asked for, and %d found; %q is unknown", len(some), unknown)
	}
	if _, unknown := Named(All(), "kill,smile"); unknown != "smile" {
		t.Errorf("%q is unknown, want smile", unknown)
	}
}

// The shortest run that is offered has each fault, with any seed; and what a fault
// holds is its own while it lasts.
func TestEveryFaultIsInEveryPlan(t *testing.T) {
	const length = 30 * time.Second
	for seed := range uint64(20) {
		lacks := stage.Lacks{}
		if seed%2 == 0 {
			lacks[stage.Always] = "none"
		}
		p := Draw(seed, length, All(), aStage(), lacks)
		drawn, held := Tally{}, map[string]time.Duration{}
		for _, s := range p.Strikes {
			drawn[s.Fault.Name]++
			for _, key := range s.On.keys(s.Fault.Holds) {
				if s.At < held[key] {
					t.Fatalf("seed %d: %s strikes %s at %v, which is held until %v", seed, s.Fault.Name, s.On, s.At, held[key])
				}
				held[key] = s.At + s.For
			}
			if s.At < 0 || s.For <= 0 || s.At+s.For > length {
				t.Fatalf("seed %d: %s begins at %v for %v", seed, s.Fault.Name, s.At, s.For)
			}
		}
		if _, missed := p.Report(All(), drawn); len(missed) > 0 {
			t.Errorf("seed %d: %q are not in the plan:\n%s", seed, missed, p)
		}
	}
}

// Without journals one server is always left that others can learn from.
func TestNotAllAreEndedAtOnce(t *testing.T) {
	for seed := range uint64(20) {
		p := Draw(seed, time.Minute, All(), aStage(), stage.Lacks{stage.Always: "none"})
		for _, now := range p.Strikes {
			down := map[string]bool{}
			for _, s := range p.Strikes {
				if s.Fault.Ends && s.At <= now.At && now.At < s.At+s.For {
					for _, name := range s.On.Servers {
						down[name] = true
					}
				}
			}
			if len(down) == 5 {
				t.Fatalf("seed %d: all are down at %v:\n%s", seed, now.At, p)
			}
		}
	}
	all := 0
	for _, s := range Draw(1, 5*time.Minute, All(), aStage(), nil).Strikes {
		if s.Fault.Name == "kill-all" {
			all++
		}
	}
	if all < 3 {
		t.Errorf("with journals all are killed %d times", all)
	}
}

func TestASeedGivesOnePlan(t *testing.T) {
	text := Draw(7, time.Minute, All(), aStage(), nil).String()
	if again := Draw(7, time.Minute, All(), aStage(), nil).String(); again != text {
		t.Errorf("one seed gave two plans:\n%s\n%s", text, again)
	}
	if other := Draw(8, time.Minute, All(), aStage(), nil).String(); other == text {
		t.Error("two seeds gave one plan")
	}
	if strings.Count(text, "\n") < len(All()) {
		t.Errorf("the plan is short:\n%s", text)
	}
}

func TestWhatTheMachineLacksIsNotPlanned(t *testing.T) {
	p := Draw(1, time.Minute, All(), aStage(), stage.Lacks{stage.NFT: "there is no nft"})
	for _, s := range p.Strikes {
		if slices.Contains(s.Fault.Needs, stage.NFT) {
			t.Errorf("%s is planned", s.Fault.Name)
		}
	}
	text, missed := p.Report(All(), Tally{"kill": 3})
	if !strings.Contains(text, "  cut              not run: there is no nft\n") || slices.Contains(missed, "cut") {
		t.Errorf("the report is\n%s", text)
	}
	if slices.Contains(missed, "kill") || !slices.Contains(missed, "stand") || !strings.Contains(text, "stand            NEVER RAN") {
		t.Errorf("%q were missed, in the report\n%s", missed, text)
	}
	if !strings.HasSuffix(text, " faults, 3 strikes; 4 faults not run\n") {
		t.Errorf("the report ends otherwise:\n%s", text)
	}
	if empty := Draw(1, time.Minute, []Fault{cut}, aStage(), stage.Lacks{stage.NFT: "no"}); len(empty.Strikes) != 0 {
		t.Errorf("nothing can be run, and planned is\n%s", empty)
	}
}

func TestThePageHasEachFault(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "reliability.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range All() {
		if row := "| `" + f.Name + "` | " + f.What + " |"; !strings.Contains(string(page), row) {
			t.Errorf("docs/reliability.md lacks the row %s", row)
		}
	}
}

func TestTargetsAreNamed(t *testing.T) {
	for _, test := range []struct {
		on   Target
		name string
		keys []string
	}{
		{Target{Servers: []string{"Hill"}}, "Hill", []string{"x Hill"}},
		{Target{Servers: []string{"Farmar", "Hill"}}, "Farmar+Hill", []string{"x Farmar", "x Hill"}},
		{Target{Link: [2]string{"Hill", "Meeks"}}, "Hill-Meeks", []string{"x Hill-Meeks"}},
		{Target{}, "the upstream", []string{"x the upstream"}},
	} {
		if test.on.String() != test.name || !reflect.DeepEqual(test.on.keys("x "), test.keys) || test.on.keys("") != nil {
			t.Errorf("%+v is %q and holds %q", test.on, test.on, test.on.keys("x "))
		}
	}
}
