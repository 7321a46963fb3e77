package upstream

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
)

// Twitter11 is Twitter's REST API v1.1, GET /1.1/search/tweets.json, with an application's bearer token as its key. It
// is what Twitter Search API v1 became in 2013.
type Twitter11 struct{}

// Name is "twitter11".
func (Twitter11) Name() string { return "twitter11" }

// Service is Twitter's own address, which needs a key.
func (Twitter11) Service() Service {
	return Service{URL: "https://api.twitter.com/1.1/search/tweets.json", NeedsKey: true}
}

// Bounds has no maximum of the radius, as Twitter's documentation names none, and the 100 tweets of one page.
func (Twitter11) Bounds() Bounds { return Bounds{MaxLimit: 100} }

// Request asks for q=WORDS (empty in a search by geocode alone), geocode=LAT,LON,RADIUSkm and count=LIMIT, at least 1.
func (k Twitter11) Request(ctx context.Context, address *url.URL, q Query) (*http.Request, error) {
	parameters := address.Query()
	setTwitterSearch(parameters, q)
	parameters.Set("count", strconv.Itoa(atLeastOne(k, q.Limit)))
	return get(ctx, address, parameters)
}

// Authorise sends the bearer token.
func (Twitter11) Authorise(request *http.Request, key string) { bearer(request, key) }

// List is statuses.
func (Twitter11) List() []string { return []string{"statuses"} }

// ErrorText is the message of the first of errors.
func (Twitter11) ErrorText(answer []byte) string { return textAt(answer, "errors", 0, "message") }

// ErrorLine is {"errors":[{"code":131,"message":"message"}]}: 131 is Twitter's code for an unknown error inside.
func (Twitter11) ErrorLine(message string) []byte {
	return oneLine(`{"errors":[{"code":131,"message":`, message, `}]}`)
}
