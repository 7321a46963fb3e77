package web

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	jsoniter "github.com/json-iterator/go"

	"proxyherd/herd/monitor/internal/sse"
)

const (
	// again is how long after a server was lost it is looked for.
	again = 300 * time.Millisecond
	// silence is how long a server may say nothing: it tells its status twice a second.
	silence = 3 * time.Second
	// walkPause is between two walks over all records.
	walkPause = 5 * time.Second
)

// What the trouble with a server can be.
var (
	errNoPort  = errors.New("it has no HTTP port: give it one in servers[].http")
	errSilent  = fmt.Errorf("it has said nothing for %v", silence)
	errLost    = errors.New("its HTTP port has ended")
	errRefused = errors.New("its HTTP port refuses")
)

// follower follows the servers for one page.
type follower struct {
	page *Page
	out  chan sse.Event
}

// tell passes an event on, once there is room.
func (f follower) tell(ctx context.Context, e sse.Event) {
	select {
	case f.out <- e:
	case <-ctx.Done():
	}
}

// seen is what is told of a server: one of the three.
type seen struct {
	Name    string              `json:"name"`
	Status  jsoniter.RawMessage `json:"status,omitempty"`
	Passed  jsoniter.RawMessage `json:"passed,omitempty"`
	Trouble string              `json:"trouble,omitempty"`
}

// follow tells what a server says, and what the trouble is while it says nothing,
// until ctx is done.
func (f follower) follow(ctx context.Context, name string) {
	for ctx.Err() == nil {
		err := f.listen(ctx, name)
		if ctx.Err() == nil {
			f.tell(ctx, event("server", seen{Name: name, Trouble: inShort(err)}))
		}
		rest(ctx, again)
	}
}

// listen tells what a server says until that ends, and returns why.
func (f follower) listen(ctx context.Context, name string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	quiet := time.AfterFunc(silence, func() { cancel(errSilent) })
	defer quiet.Stop()
	body, err := f.ask(ctx, name, "/live")
	if err != nil {
		return cause(ctx, err)
	}
	defer body.Close()
	err = sse.Read(body, func(e sse.Event) bool {
		quiet.Reset(silence)
		switch e.Name {
		case "status":
			f.tell(ctx, event("server", seen{Name: name, Status: e.Data}))
		case "trouble":
			var why string
			_ = json.Unmarshal(e.Data, &why) // then there is no more to say
			f.tell(ctx, event("server", seen{Name: name, Trouble: why}))
		case "passed":
			f.tell(ctx, event("passed", seen{Name: name, Passed: e.Data}))
		}
		return true
	})
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errLost
	}
	return cause(ctx, err)
}

// walkForEver tells all records again and again, each time of the first server that
// has them to tell: in a herd that is in sync all have the same.
func (f follower) walkForEver(ctx context.Context) {
	for ctx.Err() == nil {
		pause := again
		for _, s := range f.page.Servers() {
			if f.walk(ctx, s.Name) == nil {
				pause = walkPause
				break
			}
		}
		rest(ctx, pause)
	}
}

// walk tells all records of a server. The error says why it was not all.
func (f follower) walk(ctx context.Context, name string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	quiet := time.AfterFunc(silence, func() { cancel(errSilent) })
	defer quiet.Stop()
	body, err := f.ask(ctx, name, "/records")
	if err != nil {
		return err
	}
	defer body.Close()
	for in := bufio.NewReaderSize(body, 64<<10); ; {
		line, err := sse.Line(in)
		if err != nil {
			return err
		}
		quiet.Reset(silence)
		if string(line) == `"end"` {
			f.tell(ctx, event("walked", name))
			return nil
		}
		f.tell(ctx, sse.Event{Name: "records", Data: bytes.Clone(line)})
	}
}

// ask asks a server for an answer that goes on.
func (f follower) ask(ctx context.Context, name, path string) (io.ReadCloser, error) {
	s, _ := f.page.server(name)
	if s.HTTP == "" {
		return nil, errNoPort
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.HTTP+path, nil)
	if err != nil {
		return nil, err
	}
	answer, err := f.page.Client.Do(request)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		defer answer.Body.Close()
		const enough = 200
		why, _ := io.ReadAll(io.LimitReader(answer.Body, enough)) // what there is of it
		return nil, fmt.Errorf("%w: %d, %q", errRefused, answer.StatusCode, bytes.TrimSpace(why))
	}
	return answer.Body, nil
}

// cause is why ctx was ended, if it was, else err.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// inShort is an error without what everybody knows.
func inShort(err error) string {
	if dial, ok := errors.AsType[*net.OpError](err); ok {
		err = dial.Err
	}
	if call, ok := errors.AsType[*os.SyscallError](err); ok {
		err = call.Err
	}
	return err.Error()
}
