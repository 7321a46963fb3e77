package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"proxyherd/herd"
)

// errUnready is the verdict on servers of which one is not worth asking.
var errUnready = errors.New("not every server is ready")

// answerOfReady is what a server says to the question whether it is ready.
type answerOfReady struct {
	Name  string `json:"name"`
	Ready bool   `json:"ready"`
	Error string `json:"error"` // why it is not; "" if it is
}

// readiness asks the servers whether they are ready, and tells what they say. The
// error wraps errUnready unless all are.
func (l *lookout) readiness(ctx context.Context, out io.Writer, config herd.Config, named []string, asJSON bool) error {
	seen, err := l.each(config, named, func(client *http.Client, seen *sighting) {
		if _, err := l.page(ctx, client, seen.HTTP, "/readyz"); err != nil {
			seen.Error = err.Error()
		}
	})
	if err != nil {
		return err
	}
	var answers []answerOfReady
	var t table
	t.row("server", "ready")
	waiting := 0
	for _, s := range seen {
		a := answerOfReady{Name: s.Name, Ready: s.Error == "", Error: s.Error}
		answers = append(answers, a)
		if a.Ready {
			t.row(s.Name, "yes")
		} else {
			t.row(s.Name, "no: "+s.Error)
			waiting++
		}
	}
	if asJSON {
		err = writeDocument(out, answers)
	} else {
		_, err = io.WriteString(out, t.String())
	}
	switch {
	case err != nil:
		return fmt.Errorf("writing who is ready: %w", err)
	case waiting > 0:
		return fmt.Errorf("%w: %d of %d are not", errUnready, waiting, len(seen))
	}
	return nil
}
