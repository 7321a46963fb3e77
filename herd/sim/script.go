package sim

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"proxyherd/herd/script"
)

// WriteScript writes the fight in the language of package script, as ReadScript
// reads it. Notes, which may be nil, are what followed so many acts; they become
// comments.
func (f *Fight) WriteScript(out io.Writer, notes map[int][]string) error {
	var text strings.Builder
	fmt.Fprintf(&text, "# herd sim --seed %d --mode %s\n", f.Seed, f.Mode)
	fmt.Fprintf(&text, "graph %s %d %d\n", f.Graph.Kind, len(f.Graph.Names), f.Graph.Seed)
	for _, s := range f.Setup.fields() {
		if *s.value != 0 {
			fmt.Fprintf(&text, "set %s %d\n", s.name, *s.value)
		}
	}
	last := time.Duration(-1)
	for i, a := range f.Acts {
		writeNotes(&text, notes[i])
		if a.At != last {
			at := start.Add(a.At)
			fmt.Fprintf(&text, "at %d.%09d\n", at.Unix(), at.Nanosecond())
			last = a.At
		}
		fmt.Fprintln(&text, a.Statement)
	}
	writeNotes(&text, notes[len(f.Acts)])
	names := strings.Join(f.Part, " ")
	fmt.Fprintf(&text, "mend %s\nagree %s\n", names, names)
	_, err := io.WriteString(out, text.String())
	return err
}

func writeNotes(text *strings.Builder, notes []string) {
	for _, n := range notes {
		fmt.Fprintf(text, "#   %s\n", strings.ReplaceAll(n, "\n", "\n#   "))
	}
}

// ErrBadScript says that a script is none for the simulator.
var ErrBadScript = errors.New("not a script for the simulator")

// ReadScript reads a fight. The error names the line and wraps ErrBadScript, or
// tells why nothing can be read.
func ReadScript(in io.Reader) (*Fight, error) {
	f := &Fight{Mode: Safety}
	var at time.Duration
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		text := strings.TrimSpace(lines.Text())
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		st, err := script.Parse(text)
		if err == nil {
			err = f.read(st, &at)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", ErrBadScript, n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	return f, f.complete()
}

// read takes one statement; at is the time it happens.
func (f *Fight) read(st script.Statement, at *time.Duration) (err error) {
	switch st.Verb {
	case "graph":
		if f.Graph, err = readGraph(st); err == nil {
			f.Part = f.Graph.Names
		}
	case "set":
		var value int64
		if value, err = strconv.ParseInt(strings.Join(st.Rest, " "), 10, 64); err == nil {
			err = f.Setup.set(st.Name, value)
		}
	case "at":
		m, ok := parseMoment(st.Name)
		if *at = time.Unix(m.seconds, m.nanos).Sub(start); !ok || *at < 0 {
			err = fmt.Errorf("%q is no time after %d", st.Name, start.Unix())
		}
	case "mend", "agree":
		f.Part = append([]string{st.Name}, st.Rest...)
	case "<", "closed", "knows", "unknown":
		err = fmt.Errorf("%q: the simulator checks every answer by itself", st)
	default:
		f.Acts = append(f.Acts, Act{*at, st})
	}
	return err
}

func readGraph(st script.Statement) (*Graph, error) {
	if len(st.Rest) != 2 {
		return nil, fmt.Errorf("%q has not a kind, a number of servers and a seed", st)
	}
	servers, err := strconv.Atoi(st.Rest[0])
	if err != nil {
		return nil, err
	}
	seed, err := strconv.ParseUint(st.Rest[1], 10, 64)
	if err != nil {
		return nil, err
	}
	return NewGraph(st.Name, servers, seed)
}

// complete checks a fight that was read.
func (f *Fight) complete() error {
	if f.Graph == nil {
		return fmt.Errorf("%w: it has no graph", ErrBadScript)
	}
	for _, name := range f.Part {
		if !slices.Contains(f.Graph.Names, name) {
			return fmt.Errorf("%w: %s is in no place of the graph", ErrBadScript, name)
		}
	}
	if len(f.Part) < len(f.Graph.Names) {
		f.Mode = Liveness
	}
	if !slices.IsSortedFunc(f.Acts, func(a, b Act) int { return int(a.At - b.At) }) {
		return fmt.Errorf("%w: its times go back", ErrBadScript)
	}
	return nil
}
