// Package upstream asks a web service what is near a place, and makes one line of JSON of its answer.
//
// A Client is the only part that does I/O. Its Fetch blocks, so a server calls it on a goroutine of its own, and gives it
// a context whose deadline is the moment at which the asking client must have its answer. Whatever happens there is a
// line to send: the upstream's answer with its white space taken out and its list cut, the upstream's own error, or an
// error in the upstream's form.
//
// A Kind says how one sort of upstream is asked; each is a small file (twitter.go). Compact and CutList are what is done
// to the text of an answer, and are exact: but for white space and the elements cut off, every byte survives.
package upstream

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
)

// Client asks one upstream. It may be used from many goroutines at once.
type Client struct {
	config  Config
	address *url.URL
	http    http.Client
}

// Result is the outcome of one question.
type Result struct {
	// Line is one JSON value without a newline: never empty, and the caller's to keep.
	Line []byte

	// Status is the HTTP status of the answer, 0 if none came.
	Status int

	// Err is nil if Line is the answer, else it says why it is not, for counters (errors.Is with ErrTimeout,
	// ErrWithdrawn, ErrUnreachable, ErrCutOff, ErrTooLong, ErrNotJSON, ErrRefused) and for the log. It holds no URL,
	// so no key.
	Err error
}

// New makes a client. The error is ErrConfig. Nothing is dialled before the first question.
func New(config Config) (*Client, error) {
	config = config.withDefaults()
	address, err := config.check()
	if err != nil {
		return nil, err
	}
	c := &Client{config: config, address: address}
	c.http.Transport = config.transport()
	// A redirect would take the question, and a key with it, to an address that nobody configured.
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c, nil
}

// Close closes the idle connections. Questions under way go on; Close again when they have ended.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Fetch asks and waits: until the answer is there, ctx ends, or Config.Timeout has passed, whichever comes first. A limit
// outside of the kind's bounds counts as the nearest one inside.
func (c *Client) Fetch(ctx context.Context, q Query) Result {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	kind := c.config.Kind
	request, err := kind.Request(ctx, c.address, q)
	if err != nil {
		return c.failed(0, failedToAsk(kind.Name(), err))
	}
	request.Header.Set("User-Agent", c.config.UserAgent)
	response, err := c.http.Do(request)
	if err != nil {
		return c.failed(0, failedToAsk(kind.Name(), err))
	}
	defer response.Body.Close()
	body, f := c.read(response)
	if f != nil {
		return c.failed(response.StatusCode, f)
	}
	return c.answer(response, body, q.Limit)
}

// read takes the answer's body, up to one byte more than is allowed: to its end where it can, so that the connection can
// be used again.
func (c *Client) read(response *http.Response) ([]byte, *failure) {
	var body bytes.Buffer
	// The announced length saves growing step by step; it is only a hint, and from outside.
	const hint = 256 << 10
	if n := response.ContentLength; n > 0 {
		body.Grow(int(min(n, hint, c.config.MaxAnswer)) + bytes.MinRead)
	}
	_, err := body.ReadFrom(io.LimitReader(response.Body, c.config.MaxAnswer+1))
	if int64(body.Len()) > c.config.MaxAnswer {
		return nil, tooLong(c.config.Kind.Name(), c.config.MaxAnswer)
	}
	if err != nil {
		return nil, failedToRead(c.config.Kind.Name(), err)
	}
	return body.Bytes(), nil
}

// byteOrderMark may stand before a text in UTF-8. It says how the text is encoded and is no part of the JSON, whose
// readers may refuse it.
var byteOrderMark = []byte("\uFEFF")

// answer makes the result of a body that was read to its end.
func (c *Client) answer(response *http.Response, body []byte, limit int) Result {
	kind := c.config.Kind
	body = bytes.TrimPrefix(body, byteOrderMark)
	line, err := Compact(body[:0], body)
	if err == nil {
		line, err = CutList(line, kind.List(), min(limit, kind.Bounds().MaxLimit))
	}
	if err != nil {
		return c.failed(response.StatusCode, notJSON(kind.Name(), response, err))
	}
	result := Result{Line: line, Status: response.StatusCode}
	if text := kind.ErrorText(line); text != "" || response.StatusCode >= http.StatusMultipleChoices {
		result.Err = refused(response, text)
	}
	return result
}

// failed makes the result of a question that has no JSON for an answer.
func (c *Client) failed(status int, f *failure) Result {
	return Result{Line: c.config.Kind.ErrorLine(f.sentence), Status: status, Err: f}
}
