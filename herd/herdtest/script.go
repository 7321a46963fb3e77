package herdtest

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"

	"proxyherd/herd"
)

// Statement is one line of a script.
type Statement struct {
	Line int    // in the file, from 1
	Verb string // ->, >, >|, <, ends, closed, at, knows, unknown, kill, start
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
		st, err := parse(text)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		st.Line = n
		script = append(script, st)
	}
	return script, lines.Err()
}

func parse(text string) (Statement, error) {
	first, rest, _ := strings.Cut(text, " ")
	switch first {
	case "at", "knows", "unknown", "kill", "start":
		words := strings.Fields(rest)
		if len(words) == 0 {
			return Statement{}, fmt.Errorf("%q says nothing after %s", text, first)
		}
		return Statement{Verb: first, Name: words[0], Rest: words[1:]}, nil
	}
	verb, argument, _ := strings.Cut(rest, " ")
	st := Statement{Verb: verb, Name: first, Text: argument}
	switch verb {
	case "->", "ends", "closed":
		return st, nil
	case ">", ">|", "<":
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

// timestamp reads the argument of at.
func timestamp(text string) (herd.Timestamp, error) {
	t, ok := herd.ParseTimestamp([]byte(text))
	if !ok {
		return t, fmt.Errorf("%q is no time", text)
	}
	return t, nil
}
