package herdtest

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"proxyherd/herd"
	"proxyherd/herd/script"
)

// Play carries out a script and fails the test at the first line that does not
// hold. It returns what the clients got, for comparison with another herd's.
func Play(t *testing.T, h Herd, path string) (transcript []string) {
	t.Helper()
	statements, err := script.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	p := player{herd: h, clients: map[string]Client{}}
	checked := 0
	for _, st := range statements {
		n, err := p.do(st)
		if err != nil {
			t.Fatalf("%s:%d: %v", path, st.Line, err)
		}
		checked += n
	}
	if checked == 0 {
		t.Fatalf("%s checks nothing", path)
	}
	return p.transcript
}

type player struct {
	herd       Herd
	clients    map[string]Client
	transcript []string
}

// do carries out one statement; it returns how many things it checked.
func (p *player) do(st script.Statement) (checked int, err error) {
	switch st.Verb {
	case "at":
		at, err := timestamp(st.Name)
		if err == nil {
			p.herd.At(at)
		}
		return 0, err
	case "kill":
		p.herd.Kill(st.Name)
		return 0, nil
	case "start":
		p.herd.Start(st.Name)
		return 0, nil
	case "->":
		p.clients[st.Name] = p.herd.Connect(st.Text)
		return 0, nil
	case "knows":
		return 1, p.knows(st.Name, st.Rest)
	case "unknown":
		return 1, p.unknown(st.Name, st.Rest)
	}
	if st.Simulated() {
		return 0, fmt.Errorf("%q is for the simulator alone", st)
	}
	c := p.clients[st.Name]
	if c == nil {
		return 0, fmt.Errorf("client %s is not connected", st.Name)
	}
	switch st.Verb {
	case ">":
		c.Send([]byte(st.Text + "\n"))
	case ">|":
		c.Send([]byte(st.Text))
	case "ends":
		c.End()
	case "closed":
		return 1, p.closed(c)
	case "<":
		return 1, p.expect(st, c)
	}
	return 0, nil
}

func (p *player) expect(st script.Statement, c Client) error {
	line, err := p.line(c)
	if err != nil {
		return fmt.Errorf("%w; want %q", err, st.Text)
	}
	p.transcript = append(p.transcript, st.Name+" < "+line)
	return match(st.Text, line, p.herd.ExactTime())
}

// line waits for a client's next line and takes it.
func (p *player) line(c Client) (string, error) {
	p.herd.Wait(func() bool { return c.Ended() || bytes.IndexByte(c.Received(), '\n') >= 0 })
	got := c.Received()
	end := bytes.IndexByte(got, '\n')
	if end < 0 {
		return "", fmt.Errorf("no line came (%q, ended: %v)", got, c.Ended())
	}
	line := string(got[:end])
	c.Take(end + 1)
	return line, nil
}

func (p *player) closed(c Client) error {
	p.herd.Wait(c.Ended)
	if !c.Ended() {
		return fmt.Errorf("the server has not closed the connection")
	}
	if rest := c.Received(); len(rest) > 0 {
		return fmt.Errorf("before the end came %q", rest)
	}
	return nil
}

// knows asks each server until it answers for id, and compares the answers.
func (p *player) knows(id string, servers []string) error {
	var first string
	for _, server := range servers {
		var at string
		var err error
		p.herd.Wait(func() bool {
			at, err = p.ask(server, id)
			return err != nil || strings.HasPrefix(at, "AT ")
		})
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", server, err)
		case !strings.HasPrefix(at, "AT "):
			return fmt.Errorf("%s does not know %s: %q", server, id, at)
		case first == "":
			first = at
		case at != first:
			return fmt.Errorf("%s says  %q\n%s said %q", server, at, servers[0], first)
		}
	}
	p.transcript = append(p.transcript, "known "+first)
	return nil
}

func (p *player) unknown(id string, servers []string) error {
	for _, server := range servers {
		at, err := p.ask(server, id)
		if err != nil || !strings.HasPrefix(at, "? ") {
			return fmt.Errorf("%s about %s: %q (%v)", server, id, at, err)
		}
	}
	return nil
}

// ask is one WHATSAT on a connection of its own.
func (p *player) ask(server, id string) (string, error) {
	c := p.herd.Connect(server)
	c.Send([]byte("WHATSAT " + id + " 0 0\n"))
	c.End()
	return p.line(c)
}

// timestamp reads the argument of at.
func timestamp(text string) (herd.Timestamp, error) {
	t, ok := herd.ParseTimestamp([]byte(text))
	if !ok {
		return t, fmt.Errorf("%q is no time", text)
	}
	return t, nil
}
