package main

import (
	"bytes"
	"fmt"
	"strings"
	"time"
)

// reportTo sends an IAMAT to a server and checks the answer.
func (st *stage) reportTo(server, id, line string) error {
	answer, err := st.ask(server, line)
	if err != nil {
		return err
	}
	st.say("   > %s\n   < %s", line, answer)
	fields := strings.Fields(answer)
	if len(fields) != 6 || fields[0] != "AT" || fields[1] != server || fields[3] != id {
		return fmt.Errorf("%w: %s answered %q", errNotSo, server, answer)
	}
	st.say("   (%s took it %s seconds after the time that the client gives)", server, strings.TrimPrefix(fields[2], "+"))
	st.lines[id] = answer
	return nil
}

// knows asks a server with a WHATSAT until it gives the client's line, as a
// report may still be on its way, and checks and shows the answer.
func (st *stage) knows(server, id, question string) error {
	var answer string
	for late := time.Now().Add(patience); ; {
		var err error
		if answer, err = st.ask(server, question); err != nil {
			return err
		}
		if !strings.HasPrefix(answer, "?") {
			break
		}
		if time.Now().After(late) {
			return fmt.Errorf("%w: after %v %s still answers %q\n%s", errNotSo, patience, server, answer, st.said())
		}
		if err := st.rest(); err != nil {
			return err
		}
	}
	line, text, _ := strings.Cut(answer, "\n")
	if line != st.lines[id] {
		return fmt.Errorf("%w: %s answered %q instead of %q", errNotSo, server, line, st.lines[id])
	}
	tweets, err := summary(text)
	if err != nil {
		return fmt.Errorf("%w: %s answered %q: %w", errNotSo, server, text, err)
	}
	st.say("   %-6s < %s\n          < %s", server, line, tweets)
	return nil
}

// knowsNot asks a server that has not heard of a client.
func (st *stage) knowsNot(server, question string) error {
	answer, err := st.ask(server, question)
	if err != nil {
		return err
	}
	st.say("   %-6s < %s", server, answer)
	if answer != "? "+question {
		return fmt.Errorf("%w: %s answered %q", errNotSo, server, answer)
	}
	return nil
}

// ask sends a line to a server and returns what it answers, without the last
// line's end.
func (st *stage) ask(server, line string) (string, error) {
	s, _ := st.config.Server(server)
	var answer bytes.Buffer
	talk := conversation{lines: strings.NewReader(line + "\n"), out: &answer, timeout: patience}
	if err := talk.with(st.ctx, s.Clients); err != nil {
		return "", fmt.Errorf("asking %s: %w", server, err)
	}
	return strings.TrimSuffix(answer.String(), "\n"), nil
}

// rest is the pause between two questions.
func (st *stage) rest() error {
	select {
	case <-time.After(20 * time.Millisecond):
		return nil
	case <-st.ctx.Done():
		return st.ctx.Err()
	}
}

// summary tells what is in a WHATSAT's second line.
func summary(text string) (string, error) {
	var answer struct {
		Results []struct {
			Location string `json:"location"`
		} `json:"results"`
	}
	if err := json.UnmarshalFromString(text, &answer); err != nil {
		return "", err
	}
	if len(answer.Results) == 0 {
		return "", errNoTweets
	}
	var places []string
	for _, tweet := range answer.Results {
		places = append(places, tweet.Location)
	}
	return fmt.Sprintf("{...}, one line of JSON of %d bytes, with %s: %s",
		len(text), count(len(places), "tweet"), strings.Join(places, "; ")), nil
}
