package upstream

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// attempts asks once, and once more if that may help and there is time. It does so at once: a client waits, and what
// keeps a failing service from being pressed is the breaker.
func (c *Client) attempts(ctx context.Context, q Query) Result {
	result := c.attempt(ctx, q)
	if !mayHelp(result) || ctx.Err() != nil {
		return result
	}
	c.counts.retried.Add(1)
	return c.attempt(ctx, q)
}

// mayHelp tells whether a second attempt can go better: after a connection that did not come about, was lost or fell
// silent, and after a status that says that the failure is the service's own. A service that asked for a pause gets it.
func mayHelp(r Result) bool {
	if r.Err == nil || errors.Is(r.Err, ErrLimited) {
		return false
	}
	return r.Status >= http.StatusInternalServerError || errors.Is(r.Err, ErrUnreachable) ||
		errors.Is(r.Err, ErrCutOff) || errors.Is(r.Err, ErrTimeout)
}

// attempt asks the service once.
func (c *Client) attempt(ctx context.Context, q Query) (result Result) {
	ctx, cancel := context.WithTimeout(ctx, c.config.AttemptTimeout)
	defer cancel()
	defer func() { c.keepKey(&result) }()
	kind := c.config.Kind
	request, err := kind.Request(ctx, c.address, q)
	if err != nil {
		return c.failed(0, failedToAsk(kind.Name(), err))
	}
	yield()
	request.Header.Set("User-Agent", c.config.UserAgent)
	if !c.config.Key.IsZero() {
		kind.Authorise(request, c.config.Key.reveal())
	}
	c.counts.requests.Add(1)
	response, err := c.http.Do(request)
	if err != nil {
		return c.failed(0, failedToAsk(kind.Name(), reason(ctx, err)))
	}
	defer response.Body.Close()
	yield()
	body, f := c.read(ctx, response)
	yield()
	if f == nil {
		result = c.answer(response, body, q)
	} else {
		result = c.failed(response.StatusCode, f)
	}
	result.Err = c.pauseAfter(response, result)
	return result
}

// keepKey takes care that what an upstream repeats of a request does not give away the key, in the log or to a client
// that is told of an error.
func (c *Client) keepKey(r *Result) {
	if r.Err == nil {
		return
	}
	r.Err = c.config.Key.hide(r.Err)
	if c.config.Key.in(r.Line) {
		r.Line = c.config.Kind.ErrorLine(c.config.Kind.Name() + " answered with an error that is not shown")
	}
}

// read takes the answer's body, up to one byte more than is allowed: to its end where it can, so that the connection can
// be used again.
func (c *Client) read(ctx context.Context, response *http.Response) ([]byte, *failure) {
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
		return nil, failedToRead(c.config.Kind.Name(), reason(ctx, err))
	}
	return body.Bytes(), nil
}

// byteOrderMark may stand before a text in UTF-8. It says how the text is encoded and is no part of the JSON, whose
// readers may refuse it.
var byteOrderMark = []byte("\uFEFF")

// answer makes the result of a body that was read to its end.
func (c *Client) answer(response *http.Response, body []byte, q Query) Result {
	kind := c.config.Kind
	q.Limit = max(min(q.Limit, kind.Bounds().MaxLimit), 0)
	body = bytes.TrimPrefix(body, byteOrderMark)
	line, err := Compact(body[:0], body)
	if err == nil {
		line, err = CutList(line, kind.List(), q.Limit)
	}
	if err != nil {
		return c.failed(response.StatusCode, notJSON(kind.Name(), response, err))
	}
	text := kind.ErrorText(line)
	isError := text != "" || response.StatusCode >= http.StatusMultipleChoices
	result := Result{Line: line, Status: response.StatusCode}
	if translator, translates := kind.(Translator); translates {
		if isError {
			result.Line = kind.ErrorLine(firstOf(text, kind.Name()+" answered "+status(response)))
		} else if result.Line, err = translator.Translate(line, q); err != nil {
			return c.failed(response.StatusCode, notJSON(kind.Name(), response, err))
		}
	}
	if isError {
		result.Err = refused(response, text)
		if l, tells := kind.(limiter); tells && l.limited(line) {
			result.Err = askedTooOften(result.Err)
		}
	}
	return result
}

// pauseAfter notes the pause that an answer asks for, or that none is needed any more, and returns the result's error,
// marked as ErrLimited if the answer asks for one.
func (c *Client) pauseAfter(response *http.Response, r Result) error {
	err := r.Err
	if asksForPause(response) {
		err = askedTooOften(err)
	}
	if errors.Is(err, ErrLimited) {
		c.pause.begin(response.Header, time.Now())
	} else if err == nil {
		c.pause.forget()
	}
	return err
}
