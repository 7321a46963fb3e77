package contract

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"proxyherd/herd/upstream"
)

// Finding is what came of one question.
type Finding struct {
	Question string
	Report
}

// ErrNotAnswered says that a service did not answer, or would not: that nothing was found out about its contract.
var ErrNotAnswered = errors.New("the service did not answer")

// questions are what is asked, each with the rules that its answer must keep. The radius is one that every kind takes.
var questions = []struct {
	name    string
	query   upstream.Query
	isError bool
}{
	{"what is near Los Angeles", upstream.Query{Latitude: "+34.068930", Longitude: "-118.445127", Radius: "9", Limit: 10}, false},
	{"what is near a point in the Pacific", upstream.Query{Latitude: "-48.900000", Longitude: "-123.400000", Radius: "1", Limit: 10}, false},
	{"what is near a place that is not on the earth", upstream.Query{Latitude: "+95.000000", Longitude: "-118.445127", Radius: "1", Limit: 10}, true},
}

// maxAnswer is the longest answer read, in bytes.
const maxAnswer = 8 << 20

// Verify asks the service at an address three questions, in the way of the herd's client, and checks the answers. Key may
// be "" where none is needed. The error is ErrNotAnswered, or tells of a mistake in the address; the findings so far come
// with it.
func (s Service) Verify(ctx context.Context, client *http.Client, address *url.URL, key string) ([]Finding, error) {
	kind, err := upstream.Named(s.Kind)
	if err != nil {
		return nil, err
	}
	var findings []Finding
	for _, question := range questions {
		request, err := kind.Request(ctx, address, question.query)
		if err != nil {
			return findings, fmt.Errorf("making the request of %s: %w", s.Kind, err)
		}
		// Wikipedia asks for one that says who asks, and may turn away others.
		request.Header.Set("User-Agent", "proxyherd/1 (contract test)")
		if key != "" {
			kind.Authorise(request, key)
		}
		status, body, err := ask(client, request)
		if err != nil {
			return findings, err
		}
		if isRefused(status) {
			return findings, fmt.Errorf("%w: it says %d %s", ErrNotAnswered, status, http.StatusText(status))
		}
		rules := s.Errors
		if !question.isError {
			rules = s.Answers
			// A key that is not good, or a plan that does not hold this search: the service keeps its contract all the same.
			if json.Valid(body) && status != http.StatusBadRequest && kind.ErrorText(body) != "" {
				return findings, fmt.Errorf("%w: it says %d, %.200q", ErrNotAnswered, status, kind.ErrorText(body))
			}
		}
		findings = append(findings, Finding{question.name, rules.Check(body)})
	}
	return findings, nil
}

// isRefused tells the statuses that say of the contract nothing: the key is not good, the quota is used up, the service
// is down.
func isRefused(status int) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusProxyAuthRequired, http.StatusGone, http.StatusTooManyRequests:
		return true
	}
	return status >= http.StatusInternalServerError
}

// ask makes one request. An error of the client's holds the URL, and so a key: only what is inside goes on.
func ask(client *http.Client, request *http.Request) (status int, body []byte, err error) {
	response, err := client.Do(request)
	if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
		return 0, nil, fmt.Errorf("%w: %w", ErrNotAnswered, wrapped.Err)
	} else if err != nil {
		return 0, nil, fmt.Errorf("%w: %w", ErrNotAnswered, err)
	}
	defer response.Body.Close()
	body, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return 0, nil, fmt.Errorf("%w to the end: %w", ErrNotAnswered, err)
	}
	return response.StatusCode, body, nil
}
