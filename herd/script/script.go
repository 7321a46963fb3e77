package script

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Statement is one line of a script.
type Statement struct {
	Line int    // in the file, from 1
	Verb string // one of those in the package's comment
	Name string // of the client, or the first word after a verb that leads
	Text string // what is sent or expected, with quotes taken off
	Rest []string
}

// Read reads a script. The error names the line that is wrong.
func Read(path string) ([]Statement, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var script []Statement
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		text := strings.TrimSpace(lines.Text())
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		st, err := Parse(text)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		st.Line = n
		script = append(script, st)
	}
	return script, lines.Err()
}

// The verbs that begin a line, and those that follow a client's name without
// anything behind them. The second of each are for the simulator alone.
var (
	leading          = []string{"at", "knows", "unknown", "kill", "start"}
	leadingSimulated = []string{
		"graph", "set", "stop", "cut", "cutoneway", "slow", "delay", "heal", "sever", "pause", "resume", "clock",
		"upstream", "mend", "agree",
	}
	bare          = []string{"ends", "closed"}
	bareSimulated = []string{"aborts", "rests", "reads"}
)

// Simulated reports whether only the simulator knows the statement.
func (st Statement) Simulated() bool {
	return slices.Contains(leadingSimulated, st.Verb) || slices.Contains(bareSimulated, st.Verb)
}

// String is the statement as Parse reads it.
func (st Statement) String() string {
	switch {
	case st.Verb == "->":
		return st.Name + " -> " + st.Text
	case st.Verb == ">", st.Verb == ">|", st.Verb == "<":
		text := st.Text
		if quoted := strconv.Quote(text); len(quoted) != len(text)+2 || strings.TrimSpace(text) != text || text == "" {
			text = quoted
		}
		return st.Name + " " + st.Verb + " " + text
	case slices.Contains(bare, st.Verb), slices.Contains(bareSimulated, st.Verb):
		return st.Name + " " + st.Verb
	}
	return strings.Join(append([]string{st.Verb, st.Name}, st.Rest...), " ")
}

// Parse reads one line, which is neither empty nor a comment.
func Parse(text string) (Statement, error) {
	first, rest, _ := strings.Cut(text, " ")
	if slices.Contains(leading, first) || slices.Contains(leadingSimulated, first) {
		words := strings.Fields(rest)
		if len(words) == 0 {
			return Statement{}, fmt.Errorf("%q says nothing after %s", text, first)
		}
		return Statement{Verb: first, Name: words[0], Rest: words[1:]}, nil
	}
	verb, argument, _ := strings.Cut(rest, " ")
	st := Statement{Verb: verb, Name: first, Text: argument}
	switch {
	case verb == "->", slices.Contains(bare, verb), slices.Contains(bareSimulated, verb):
		return st, nil
	case verb == ">", verb == ">|", verb == "<":
		if strings.HasPrefix(argument, `"`) {
			unquoted, err := strconv.Unquote(argument)
			if err != nil {
				return Statement{}, fmt.Errorf("%s is no quoted text: %w", argument, err)
			}
			st.Text = unquoted
		}
		return st, nil
	}
	return Statement{}, fmt.Errorf("%q is no statement", text)
}
