package load

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"time"

	"proxyherd/herd/chaos/account"
)

// reader asks where watched clients are, and writes down what it is shown.
type reader struct {
	crowd  *Crowd
	random *rand.Rand
}

func (r *reader) work(ctx context.Context) {
	for ctx.Err() == nil {
		conn, err := dial(ctx, r.crowd.Stage, r.crowd.someServer(r.random))
		if err != nil {
			nap(ctx, 50*time.Millisecond)
			continue
		}
		for end := time.Now().Add(stay(r.random)); ctx.Err() == nil && time.Now().Before(end) && r.ask(conn); {
			nap(ctx, r.crowd.ReadEvery)
		}
		_ = conn.Close() // all that was wanted of it was read, or never comes
	}
}

// ask asks one question. It returns false when the connection has ended.
func (r *reader) ask(conn *connection) bool {
	id := watchedID(r.random)
	call := time.Now()
	if conn.send([]byte(question(id)+"\n")) != nil {
		return false
	}
	shown, ok, err := conn.shown(id)
	if err != nil {
		return false
	}
	if !ok {
		r.crowd.Stage.Wrong("%s gave no answer that fits to %s: %v", conn.life.Server, question(id), shown)
		return false
	}
	r.crowd.History.Shown(conn.life, id, call, time.Now(), shown)
	return true
}

// question asks for a client, and for none of what is near it.
func question(id string) string { return "WHATSAT " + id + " 1 0" }

// shown reads the answer to a question: nil if the server knows of no such client.
// ok is false if the answer is to no such question.
func (c *connection) shown(id string) (shown *account.Report, ok bool, err error) {
	line, err := c.line()
	if err != nil {
		return nil, false, err
	}
	if string(line) == "? "+question(id) {
		return nil, true, nil
	}
	if shown = account.Parse(line); shown == nil || shown.ID() != id {
		return shown, false, nil
	}
	// What the upstream says, or that it failed, is one line of JSON.
	page, err := c.line()
	return shown, json.Valid(page), err
}

// Held asks a server for the newest record of each client that it knows of.
func Held(ctx context.Context, c *Crowd, server string, ids []string) (account.Newest, error) {
	// So few at once that nobody has to wait for us to read.
	const atOnce = 50
	held := account.Newest{}
	conn, err := dial(ctx, c.Stage, server)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	for len(ids) > 0 {
		some := ids[:min(atOnce, len(ids))]
		ids = ids[len(some):]
		var text strings.Builder
		for _, id := range some {
			text.WriteString(question(id) + "\n")
		}
		if err := conn.send([]byte(text.String())); err != nil {
			return nil, err
		}
		for _, id := range some {
			shown, ok, err := conn.shown(id)
			if err != nil {
				return nil, err
			}
			if !ok {
				c.Stage.Wrong("%s gave no answer that fits to %s: %v", server, question(id), shown)
			}
			if shown != nil {
				held[id] = shown
			}
		}
	}
	return held, nil
}
