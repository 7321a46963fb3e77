package scenario

import (
	"fmt"
	"strconv"
	"strings"
)

// Stage plays a script: it takes the statements in turn, keeps those that wait
// for a callback until it comes, and notes the events. Its twin is stage.py.
type Stage struct {
	events  Transcript
	do      func(Words)
	waiting map[string][]Words // by "KIND N"
	entered map[string]int     // callbacks so far, by KIND
}

// Play gives each of the script's statements to do, in order. A panic in one
// ends that statement and is the event "raised" with what name makes of it.
// setting is given the stage first, to note events on.
func Play(script Script, name func(recovered any) string, setting func(*Stage) (do func(Words))) Transcript {
	s := &Stage{waiting: make(map[string][]Words), entered: make(map[string]int)}
	s.do = setting(s)
	for _, statement := range script {
		s.play(statement, name)
	}
	return s.events
}

func (s *Stage) play(statement string, name func(any) string) {
	defer func() {
		if p := recover(); p != nil {
			s.Note("raised", name(p))
		}
	}()
	if where, inner, waits := strings.Cut(statement, ": "); waits {
		where = strings.TrimPrefix(where, "in ")
		s.waiting[where] = append(s.waiting[where], strings.Fields(inner))
		return
	}
	s.do(strings.Fields(statement))
}

// Note adds an event. The words are joined by blanks; bytes are to be quoted.
func (s *Stage) Note(words ...any) {
	s.events = append(s.events, strings.TrimSuffix(fmt.Sprintln(words...), "\n"))
}

// Enter is called in each callback of a kind, and plays there what the script
// has for this one. What panics is the callback's to deal with.
func (s *Stage) Enter(kind string) {
	s.entered[kind]++
	for _, statement := range s.waiting[kind+" "+strconv.Itoa(s.entered[kind])] {
		s.do(statement)
	}
}

// Words is a statement. What is not there reads as nothing, so that a player
// need not check.
type Words []string

// Word is the i-th word, "" if there is none.
func (w Words) Word(i int) string {
	if i >= len(w) {
		return ""
	}
	return w[i]
}

// Int is the i-th word as a number, 0 if it is none.
func (w Words) Int(i int) int {
	n, err := strconv.Atoi(w.Word(i))
	if err != nil {
		return 0
	}
	return n
}

// Bytes is what the i-th word quotes, nothing if it does not.
func (w Words) Bytes(i int) []byte {
	data, _ := Unquote(w.Word(i))
	return data
}
