package main

import (
	"fmt"
	"slices"
)

// problem is why a table does not hold.
type problem struct {
	place string // file:line, or what is missing
	text  string
}

func (p problem) String() string { return p.place + ": " + p.text }

// checkForm finds rows that say too little, or the same thing again.
func (t tables) checkForm() (problems []problem) {
	found := func(place, format string, args ...any) {
		problems = append(problems, problem{place, fmt.Sprintf(format, args...)})
	}
	rows := map[key]string{}
	for _, r := range t.rows {
		if first, twice := rows[r.key]; twice {
			found(r.place, "%v is in %s already", r.key, first)
		} else {
			rows[r.key] = r.place
		}
		shown := r.status != notPorted
		switch {
		case !slices.Contains(statuses, r.status):
			found(r.place, "%q is no status, use one of %q", r.status, statuses)
		case shown && r.goTest == "":
			found(r.place, "%v is %s and names no test", r.key, r.status)
		case !shown && r.goTest != "":
			found(r.place, "%v is %s and yet names a test", r.key, r.status)
		case r.status != passing && r.note == "":
			found(r.place, "%v is %s and its note does not say why", r.key, r.status)
		}
	}
	rules := map[string]string{}
	for _, r := range t.rules {
		if first, twice := rules[r.id]; twice {
			found(r.place, "rule %s is in %s already", r.id, first)
		} else {
			rules[r.id] = r.place
		}
		if r.goTest == "" && r.note == "" {
			found(r.place, "rule %s has neither a test nor a note that says why", r.id)
		}
	}
	return problems
}

// checkList compares the rows with the list of Twisted's tests: of an area that
// has a table, each test must be there. A nil list has nothing to say.
func (t tables) checkList(list []key) (problems []problem) {
	if list == nil {
		return nil
	}
	listed, areas, present := map[key]bool{}, map[string]bool{}, map[key]bool{}
	for _, k := range list {
		listed[k] = true
	}
	for _, r := range t.rows {
		areas[r.area], present[r.key] = true, true
		if !listed[r.key] {
			problems = append(problems, problem{r.place, r.key.String() + " is not in the list of Twisted's tests"})
		}
	}
	for _, k := range list {
		if areas[k.area] && !present[k] {
			problems = append(problems, problem{k.area, k.String() + " is in no table"})
		}
	}
	return problems
}

// checkResults finds named tests that did not pass.
func (t tables) checkResults(results map[string]string) (problems []problem) {
	check := func(place, goTest string) {
		if goTest == "" {
			return
		}
		_, _, ok := splitTest(goTest)
		outcome, ran := results[goTest]
		switch {
		case !ok:
			problems = append(problems, problem{place, fmt.Sprintf("%q is no test: want <import path>.<TestName>/<subtest>", goTest)})
		case !ran:
			problems = append(problems, problem{place, goTest + " did not run: there is no such test"})
		case outcome != "pass":
			problems = append(problems, problem{place, fmt.Sprintf("%s has outcome %q, want it to pass", goTest, outcome)})
		}
	}
	for _, r := range t.rows {
		check(r.place, r.goTest)
	}
	for _, r := range t.rules {
		check(r.place, r.goTest)
	}
	return problems
}

// accountedFor counts the rows with no problem.
func (t tables) accountedFor(problems []problem) int {
	bad := map[string]bool{}
	for _, p := range problems {
		bad[p.place] = true
	}
	n := 0
	for _, r := range t.rows {
		if !bad[r.place] {
			n++
		}
	}
	return n
}
