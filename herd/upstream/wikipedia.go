package upstream

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
)

// Wikipedia is GeoSearch of MediaWiki's API, GET /w/api.php: the articles about what is near, without a key. Another
// wiki's address, or another language's, serves as well.
type Wikipedia struct{}

// wikipediaLeast is the least gsradius, in metres.
const wikipediaLeast = 10

// Name is "wikipedia".
func (Wikipedia) Name() string { return "wikipedia" }

// Service is the English Wikipedia.
func (Wikipedia) Service() Service { return Service{URL: "https://en.wikipedia.org/w/api.php"} }

// Bounds are 10 km and, of the 500 articles that GeoSearch would give, the 100 of a WHATSAT.
func (Wikipedia) Bounds() Bounds { return Bounds{MaxRadius: "10", MaxLimit: 100} }

// Request asks for list=geosearch with gscoord=LAT|LON, gsradius in whole metres (rounded up, at least 10) and
// gslimit=LIMIT, at least 1. Words cannot be asked for.
func (k Wikipedia) Request(ctx context.Context, address *url.URL, q Query) (*http.Request, error) {
	switch {
	case q.Words != "":
		return nil, cannotAsk(k, "for words")
	case !q.hasPlace():
		return nil, cannotAsk(k, "without a place")
	}
	parameters := address.Query()
	parameters.Set("action", "query")
	parameters.Set("list", "geosearch")
	parameters.Set("format", "json")
	parameters.Set("gscoord", unsignedPlus(q.Latitude)+"|"+unsignedPlus(q.Longitude))
	parameters.Set("gsradius", wholeMetres(q.Radius, wikipediaLeast))
	parameters.Set("gslimit", strconv.Itoa(atLeastOne(k, q.Limit)))
	return get(ctx, address, parameters)
}

// Authorise does nothing: there are no keys.
func (Wikipedia) Authorise(*http.Request, string) {}

// List is query.geosearch.
func (Wikipedia) List() []string { return []string{"query", "geosearch"} }

// ErrorText is the info of error, or its code.
func (Wikipedia) ErrorText(answer []byte) string {
	return firstOf(textAt(answer, "error", "info"), textAt(answer, "error", "code"))
}

// limited tells the codes for questions that come too often, and for a database that lags behind.
func (Wikipedia) limited(answer []byte) bool {
	code := textAt(answer, "error", "code")
	return code == "ratelimited" || code == "maxlag"
}

// ErrorLine is {"error":{"code":"unavailable","info":"message"}}.
func (Wikipedia) ErrorLine(message string) []byte {
	return oneLine(`{"error":{"code":"unavailable","info":`, message, `}}`)
}
