package upstream

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"

	jsoniter "github.com/json-iterator/go"
)

// What the kinds share in making requests and in reading and writing errors.

// get makes a GET request for an address with its parameters replaced.
func get(ctx context.Context, address *url.URL, parameters url.Values) (*http.Request, error) {
	return newRequest(ctx, http.MethodGet, address, parameters, nil)
}

func newRequest(ctx context.Context, method string, address *url.URL, parameters url.Values, body io.Reader) (*http.Request, error) {
	target := *address
	target.RawQuery = parameters.Encode()
	return http.NewRequestWithContext(ctx, method, target.String(), body)
}

// cannotAsk is the error of a kind for a query that its service has no parameters for; what completes "cannot be asked".
func cannotAsk(kind Kind, what string) error {
	return fmt.Errorf("%w: %s cannot be asked %s", ErrCannotAsk, kind.Name(), what)
}

// atLeastOne is the number of items to ask for: a limit of 0 asks for one, since no service takes 0, and the client of
// this package cuts it off.
func atLeastOne(kind Kind, limit int) int { return min(max(limit, 1), kind.Bounds().MaxLimit) }

// bearer puts a key where RFC 6750 has it.
func bearer(request *http.Request, key string) { request.Header.Set("Authorization", "Bearer "+key) }

// textAt reads the text at a path of keys and numbers of elements, "" where there is none.
func textAt(answer []byte, path ...any) string {
	if key, named := path[0].(string); named && lacks(answer, key) {
		return ""
	}
	if text := jsoniter.Get(answer, path...); text.ValueType() == jsoniter.StringValue {
		return text.ToString()
	}
	return ""
}

// lacks tells that no name in an answer is key, of the letters a to z and "_": to read all of
// an answer for an error that hardly any has takes far longer. A name may have escapes for
// letters, so one such escape leaves it open.
func lacks(answer []byte, key string) bool {
	for _, sign := range [...]string{key, `\u005`, `\u006`, `\u007`} {
		if bytes.Contains(answer, []byte(sign)) {
			return false
		}
	}
	return true
}

// hasKey tells whether the outermost object has a key.
func hasKey(answer []byte, key string) bool {
	return jsoniter.Get(answer, key).ValueType() != jsoniter.InvalidValue
}

// firstOf is the first text that is not empty.
func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// oneLine puts a message between two pieces of JSON as a string, without a newline whatever bytes it holds.
func oneLine(before, message, after string) []byte {
	stream := jsoniter.ConfigDefault.BorrowStream(nil)
	defer jsoniter.ConfigDefault.ReturnStream(stream)
	stream.WriteRaw(before)
	stream.WriteStringWithHTMLEscaped(message)
	stream.WriteRaw(after)
	return append([]byte(nil), stream.Buffer()...)
}
