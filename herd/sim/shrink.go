package sim

import (
	"slices"
	"strings"

	"proxyherd/herd/script"
)

// Shrink makes a fight that fails smaller, as long as the same promise is broken:
// fewer commands and faults, and settings as they are by default. It runs at most
// most fights.
func Shrink(f *Fight, v *Variant, most int) *Fight {
	s := &shrinking{fight: f, watch: Watch{Variant: v}, left: most}
	r := f.Run(s.watch)
	if !r.Failed() {
		return f
	}
	s.rule = r.Violations[0].Rule
	s.cutOff(r.Violations[0])
	s.fewerActs()
	s.singleLines()
	for before := -1; before != len(s.fight.Acts) && s.left > 0; {
		before = len(s.fight.Acts)
		s.fewerActs()
	}
	s.plainSettings()
	return s.fight
}

type shrinking struct {
	fight *Fight
	watch Watch
	rule  string // the promise that is broken
	left  int    // fights that may still be run
}

// try takes a smaller fight if it fails in the same way.
func (s *shrinking) try(f *Fight) bool {
	if s.left <= 0 {
		return false
	}
	s.left--
	if r := f.Run(s.watch); !r.Failed() || r.Violations[0].Rule != s.rule {
		return false
	}
	s.fight = f
	return true
}

// with is the fight with other acts.
func (s *shrinking) with(acts []Act) *Fight {
	f := *s.fight
	f.Acts = acts
	return &f
}

// cutOff drops what comes after the violation.
func (s *shrinking) cutOff(v Violation) {
	end := slices.IndexFunc(s.fight.Acts, func(a Act) bool { return a.At > v.At })
	if end >= 0 {
		s.try(s.with(s.fight.Acts[:end]))
	}
}

// fewerActs takes out half of the acts, then a quarter, and so on to single ones.
func (s *shrinking) fewerActs() {
	for size := (len(s.fight.Acts) + 1) / 2; size > 0 && s.left > 0; size /= 2 {
		for from := 0; from < len(s.fight.Acts); {
			acts := slices.Delete(slices.Clone(s.fight.Acts), from, min(from+size, len(s.fight.Acts)))
			if !s.try(s.with(acts)) {
				from += size
			}
		}
	}
}

// singleLines makes an act of each line that is sent together with others.
func (s *shrinking) singleLines() {
	for i := 0; i < len(s.fight.Acts); i++ {
		a := s.fight.Acts[i]
		lines := strings.SplitAfter(a.Text, "\n")
		if a.Verb != ">|" || len(lines) < 3 {
			continue // it is one already, or a part of one
		}
		var single []Act
		for _, line := range lines[:len(lines)-1] {
			single = append(single, Act{a.At, script.Statement{Verb: ">", Name: a.Name, Text: strings.TrimSuffix(line, "\n")}})
		}
		if rest := lines[len(lines)-1]; rest != "" {
			single = append(single, Act{a.At, script.Statement{Verb: ">|", Name: a.Name, Text: rest}})
		}
		s.try(s.with(slices.Replace(slices.Clone(s.fight.Acts), i, i+1, single...)))
	}
}

// plainSettings sets what it can to the default.
func (s *shrinking) plainSettings() {
	for i := range s.fight.Setup.fields() {
		f := *s.fight
		if value := f.Setup.fields()[i].value; *value != 0 {
			*value = 0
			s.try(&f)
		}
	}
}
